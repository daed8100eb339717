-- AlterTable
ALTER TABLE "upstream" ADD COLUMN     "balance" JSONB;

-- CreateTable
CREATE TABLE "vendor_balance" (
    "credential_id" TEXT NOT NULL,
    "left_" TEXT,
    "limit_" TEXT,
    "unit" TEXT,
    "resets_at" TIMESTAMP(3),
    "read_at" TIMESTAMP(3),
    "tried_at" TIMESTAMP(3),
    "problem" TEXT,
    "next_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "vendor_balance_pkey" PRIMARY KEY ("credential_id")
);

-- CreateIndex
CREATE INDEX "vendor_balance_next_at_idx" ON "vendor_balance"("next_at");

-- AddForeignKey
ALTER TABLE "vendor_balance" ADD CONSTRAINT "vendor_balance_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credential"("id") ON DELETE CASCADE ON UPDATE CASCADE;
