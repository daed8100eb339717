-- AlterTable
ALTER TABLE "price" ADD COLUMN     "reasoning_nano" BIGINT,
ADD COLUMN     "request_nano" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "services" JSONB,
ADD COLUMN     "steps" JSONB,
ADD COLUMN     "units" JSONB;

-- AlterTable
ALTER TABLE "usage_event" ADD COLUMN     "terms" JSONB;

-- CreateTable
CREATE TABLE "price_multiplier" (
    "id" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "millionths" INTEGER NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "price_multiplier_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "unpriced_model" (
    "model" TEXT NOT NULL,
    "since" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "unpriced_model_pkey" PRIMARY KEY ("model")
);

-- CreateIndex
CREATE UNIQUE INDEX "price_multiplier_subject_kind_subject_id_key" ON "price_multiplier"("subject_kind", "subject_id");

-- CreateIndex
CREATE INDEX "usage_event_unpriced_model_used_idx" ON "usage_event"("unpriced", "model_used");
