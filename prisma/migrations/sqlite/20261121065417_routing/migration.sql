-- AlterTable
ALTER TABLE "model" ADD COLUMN "lacks" JSONB;

-- AlterTable
ALTER TABLE "fleet_node" ADD COLUMN "health" JSONB;

-- AlterTable
ALTER TABLE "route" ADD COLUMN "settings" JSONB;

-- AlterTable
ALTER TABLE "upstream" ADD COLUMN "settings" JSONB;

-- AlterTable
ALTER TABLE "credential" ADD COLUMN "concurrent" INTEGER;
ALTER TABLE "credential" ADD COLUMN "requests_per_minute" INTEGER;
ALTER TABLE "credential" ADD COLUMN "spill_at_percent" INTEGER;

-- AlterTable
ALTER TABLE "exchange" ADD COLUMN "ask" JSONB;

-- CreateTable
CREATE TABLE "error_rule" (
    "id" TEXT NOT NULL PRIMARY KEY,
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
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "error_rule_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "error_rule_upstream_id_fkey" FOREIGN KEY ("upstream_id") REFERENCES "upstream" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_key_" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenant_id" TEXT NOT NULL,
    "member_id" TEXT,
    "name" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "funding" TEXT NOT NULL DEFAULT 'TENANT_BUDGET',
    "pool_id" TEXT,
    "campaign_id" TEXT,
    "models" JSONB,
    "max_output_tokens" INTEGER,
    "requests_per_minute" INTEGER,
    "tags" JSONB,
    "replay" BOOLEAN NOT NULL DEFAULT false,
    "expires_at" DATETIME,
    "claim_digest" TEXT,
    "claimed_at" DATETIME,
    "last_used_at" DATETIME,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "key__tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "key__pool_id_fkey" FOREIGN KEY ("pool_id") REFERENCES "pool" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "key__campaign_id_fkey" FOREIGN KEY ("campaign_id") REFERENCES "campaign" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
INSERT INTO "new_key_" ("campaign_id", "claim_digest", "claimed_at", "created_at", "digest", "expires_at", "funding", "hint", "id", "last_used_at", "max_output_tokens", "member_id", "models", "name", "pool_id", "requests_per_minute", "status", "tenant_id", "updated_at", "version") SELECT "campaign_id", "claim_digest", "claimed_at", "created_at", "digest", "expires_at", "funding", "hint", "id", "last_used_at", "max_output_tokens", "member_id", "models", "name", "pool_id", "requests_per_minute", "status", "tenant_id", "updated_at", "version" FROM "key_";
DROP TABLE "key_";
ALTER TABLE "new_key_" RENAME TO "key_";
CREATE UNIQUE INDEX "key__digest_key" ON "key_"("digest");
CREATE UNIQUE INDEX "key__claim_digest_key" ON "key_"("claim_digest");
CREATE INDEX "key__tenant_id_id_idx" ON "key_"("tenant_id", "id");
CREATE INDEX "key__campaign_id_id_idx" ON "key_"("campaign_id", "id");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "error_rule_tenant_id_position_idx" ON "error_rule"("tenant_id", "position");

-- CreateIndex
CREATE INDEX "error_rule_upstream_id_idx" ON "error_rule"("upstream_id");
