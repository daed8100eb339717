-- AlterTable
ALTER TABLE "usage_event" ADD COLUMN "terms" JSONB;

-- CreateTable
CREATE TABLE "price_multiplier" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "millionths" INTEGER NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "unpriced_model" (
    "model" TEXT NOT NULL PRIMARY KEY,
    "since" DATETIME NOT NULL
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_price" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "model_name" TEXT NOT NULL,
    "upstream_id" TEXT,
    "input_nano" BIGINT NOT NULL,
    "output_nano" BIGINT NOT NULL,
    "cache_read_nano" BIGINT NOT NULL,
    "cache_write5m_nano" BIGINT NOT NULL,
    "cache_write1h_nano" BIGINT NOT NULL,
    "reasoning_nano" BIGINT,
    "request_nano" BIGINT NOT NULL DEFAULT 0,
    "units" JSONB,
    "steps" JSONB,
    "services" JSONB,
    "source" TEXT NOT NULL DEFAULT 'hand',
    "effective_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    CONSTRAINT "price_upstream_id_fkey" FOREIGN KEY ("upstream_id") REFERENCES "upstream" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_price" ("cache_read_nano", "cache_write1h_nano", "cache_write5m_nano", "created_at", "effective_at", "id", "input_nano", "model_name", "output_nano", "source", "upstream_id") SELECT "cache_read_nano", "cache_write1h_nano", "cache_write5m_nano", "created_at", "effective_at", "id", "input_nano", "model_name", "output_nano", "source", "upstream_id" FROM "price";
DROP TABLE "price";
ALTER TABLE "new_price" RENAME TO "price";
CREATE INDEX "price_model_name_effective_at_idx" ON "price"("model_name", "effective_at");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE UNIQUE INDEX "price_multiplier_subject_kind_subject_id_key" ON "price_multiplier"("subject_kind", "subject_id");

-- CreateIndex
CREATE INDEX "usage_event_unpriced_model_used_idx" ON "usage_event"("unpriced", "model_used");
