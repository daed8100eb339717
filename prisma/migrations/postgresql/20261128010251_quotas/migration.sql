-- AlterTable
ALTER TABLE "key_" ADD COLUMN     "concurrent" INTEGER;

-- CreateTable
CREATE TABLE "budget_part" (
    "budget_id" TEXT NOT NULL,
    "starts_at" TIMESTAMP(3) NOT NULL,
    "spent_nano" BIGINT NOT NULL,

    CONSTRAINT "budget_part_pkey" PRIMARY KEY ("budget_id","starts_at")
);

-- CreateTable
CREATE TABLE "budget_threshold" (
    "id" TEXT NOT NULL,
    "budget_id" TEXT NOT NULL,
    "percent" INTEGER NOT NULL,
    "span" TEXT NOT NULL DEFAULT '',
    "spent_nano" BIGINT NOT NULL,
    "limit_nano" BIGINT NOT NULL,
    "reached_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "budget_threshold_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "budget_threshold_budget_id_percent_span_key" ON "budget_threshold"("budget_id", "percent", "span");

-- AddForeignKey
ALTER TABLE "budget_part" ADD CONSTRAINT "budget_part_budget_id_fkey" FOREIGN KEY ("budget_id") REFERENCES "budget"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget_threshold" ADD CONSTRAINT "budget_threshold_budget_id_fkey" FOREIGN KEY ("budget_id") REFERENCES "budget"("id") ON DELETE CASCADE ON UPDATE CASCADE;
