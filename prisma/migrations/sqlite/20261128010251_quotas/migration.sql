-- AlterTable
ALTER TABLE "key_" ADD COLUMN "concurrent" INTEGER;

-- CreateTable
CREATE TABLE "budget_part" (
    "budget_id" TEXT NOT NULL,
    "starts_at" DATETIME NOT NULL,
    "spent_nano" BIGINT NOT NULL,

    PRIMARY KEY ("budget_id", "starts_at"),
    CONSTRAINT "budget_part_budget_id_fkey" FOREIGN KEY ("budget_id") REFERENCES "budget" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "budget_threshold" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "budget_id" TEXT NOT NULL,
    "percent" INTEGER NOT NULL,
    "span" TEXT NOT NULL DEFAULT '',
    "spent_nano" BIGINT NOT NULL,
    "limit_nano" BIGINT NOT NULL,
    "reached_at" DATETIME NOT NULL,
    CONSTRAINT "budget_threshold_budget_id_fkey" FOREIGN KEY ("budget_id") REFERENCES "budget" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "budget_threshold_budget_id_percent_span_key" ON "budget_threshold"("budget_id", "percent", "span");
