-- AlterTable
ALTER TABLE "upstream" ADD COLUMN "balance" JSONB;

-- CreateTable
CREATE TABLE "vendor_balance" (
    "credential_id" TEXT NOT NULL PRIMARY KEY,
    "left_" TEXT,
    "limit_" TEXT,
    "unit" TEXT,
    "resets_at" DATETIME,
    "read_at" DATETIME,
    "tried_at" DATETIME,
    "problem" TEXT,
    "next_at" DATETIME NOT NULL,
    CONSTRAINT "vendor_balance_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credential" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "vendor_balance_next_at_idx" ON "vendor_balance"("next_at");
