-- AlterTable
ALTER TABLE "key_" ADD COLUMN     "replay" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "tags" JSONB;

-- AlterTable
ALTER TABLE "model" ADD COLUMN     "lacks" JSONB;

-- AlterTable
ALTER TABLE "fleet_node" ADD COLUMN     "health" JSONB;

-- AlterTable
ALTER TABLE "route" ADD COLUMN     "settings" JSONB;

-- AlterTable
ALTER TABLE "upstream" ADD COLUMN     "settings" JSONB;

-- AlterTable
ALTER TABLE "credential" ADD COLUMN     "concurrent" INTEGER,
ADD COLUMN     "requests_per_minute" INTEGER,
ADD COLUMN     "spill_at_percent" INTEGER;

-- AlterTable
ALTER TABLE "exchange" ADD COLUMN     "ask" JSONB;

-- CreateTable
CREATE TABLE "error_rule" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL DEFAULT 100,
    "upstream_id" TEXT,
    "match_" JSONB NOT NULL,
    "outcome" TEXT,
    "say" TEXT,
    "answer_status" INTEGER,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "error_rule_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "error_rule_tenant_id_position_idx" ON "error_rule"("tenant_id", "position");

-- CreateIndex
CREATE INDEX "error_rule_upstream_id_idx" ON "error_rule"("upstream_id");

-- AddForeignKey
ALTER TABLE "error_rule" ADD CONSTRAINT "error_rule_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "error_rule" ADD CONSTRAINT "error_rule_upstream_id_fkey" FOREIGN KEY ("upstream_id") REFERENCES "upstream"("id") ON DELETE CASCADE ON UPDATE CASCADE;
