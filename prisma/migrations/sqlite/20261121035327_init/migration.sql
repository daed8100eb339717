-- CreateTable
CREATE TABLE "audit_entry" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenant_id" TEXT,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT,
    "action" TEXT NOT NULL,
    "object_id" TEXT,
    "detail" JSONB,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    CONSTRAINT "audit_entry_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "campaign" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenant_id" TEXT NOT NULL,
    "pool_id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "key_budget_nano" BIGINT NOT NULL,
    "key_ttl_seconds" INTEGER NOT NULL,
    "models" JSONB,
    "max_output_tokens" INTEGER NOT NULL DEFAULT 8192,
    "requests_per_minute" INTEGER NOT NULL DEFAULT 20,
    "starts_at" DATETIME,
    "ends_at" DATETIME,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "campaign_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "campaign_pool_id_fkey" FOREIGN KEY ("pool_id") REFERENCES "pool" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "pool" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenant_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "pool_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "key_" (
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

-- CreateTable
CREATE TABLE "member" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenant_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "role" TEXT NOT NULL DEFAULT 'DEVELOPER',
    "operator" BOOLEAN NOT NULL DEFAULT false,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "member_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "sign_in_link" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "member_id" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "used_at" DATETIME,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    CONSTRAINT "sign_in_link_member_id_fkey" FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "sign_in" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "member_id" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "user_agent" TEXT,
    "expires_at" DATETIME NOT NULL,
    "revoked_at" DATETIME,
    "last_used_at" DATETIME,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    CONSTRAINT "sign_in_member_id_fkey" FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "management_token" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "member_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "scopes" JSONB NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "revoked_at" DATETIME,
    "last_used_at" DATETIME,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    CONSTRAINT "management_token_member_id_fkey" FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "model" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "vendor" TEXT,
    "context_tokens" INTEGER,
    "max_output_tokens" INTEGER,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "price" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "model_name" TEXT NOT NULL,
    "upstream_id" TEXT,
    "input_nano" BIGINT NOT NULL,
    "output_nano" BIGINT NOT NULL,
    "cache_read_nano" BIGINT NOT NULL,
    "cache_write5m_nano" BIGINT NOT NULL,
    "cache_write1h_nano" BIGINT NOT NULL,
    "source" TEXT NOT NULL DEFAULT 'hand',
    "effective_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    CONSTRAINT "price_upstream_id_fkey" FOREIGN KEY ("upstream_id") REFERENCES "upstream" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "fleet_node" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "region" TEXT NOT NULL DEFAULT 'local',
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "sign_public_key" TEXT NOT NULL,
    "seal_public_key" TEXT NOT NULL,
    "runtime" TEXT,
    "build" TEXT,
    "boot_id" TEXT,
    "applied_revision" INTEGER NOT NULL DEFAULT 0,
    "nack" JSONB,
    "secret_epoch" INTEGER NOT NULL DEFAULT 0,
    "spool" JSONB,
    "last_seen_at" DATETIME,
    "token_id" TEXT,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))
);

-- CreateTable
CREATE TABLE "node_token" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "region" TEXT NOT NULL DEFAULT 'local',
    "sealed_mac_key" TEXT NOT NULL,
    "max_uses" INTEGER NOT NULL DEFAULT 1,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "used_by" TEXT,
    "expires_at" DATETIME NOT NULL,
    "revoked_at" DATETIME,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))
);

-- CreateTable
CREATE TABLE "node_boot" (
    "node_id" TEXT NOT NULL,
    "boot_id" TEXT NOT NULL,
    "acked_seq" INTEGER NOT NULL DEFAULT 0,
    "max_seq" INTEGER NOT NULL DEFAULT 0,
    "seen_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),

    PRIMARY KEY ("node_id", "boot_id")
);

-- CreateTable
CREATE TABLE "quota" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenant_id" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "unit" TEXT NOT NULL DEFAULT 'USD',
    "window_" TEXT NOT NULL DEFAULT 'TOTAL',
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "limit_nano" BIGINT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "quota_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "budget" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "quota_id" TEXT NOT NULL,
    "window_key" TEXT NOT NULL,
    "starts_at" DATETIME NOT NULL,
    "ends_at" DATETIME,
    "limit_nano" BIGINT NOT NULL,
    "spent_nano" BIGINT NOT NULL DEFAULT 0,
    "escrow_nano" BIGINT NOT NULL DEFAULT 0,
    "excess_nano" BIGINT NOT NULL DEFAULT 0,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    CONSTRAINT "budget_quota_id_fkey" FOREIGN KEY ("quota_id") REFERENCES "quota" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "lease" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "key_id" TEXT NOT NULL,
    "node_id" TEXT NOT NULL,
    "boot_id" TEXT NOT NULL,
    "req_seq" INTEGER NOT NULL,
    "granted_nano" BIGINT NOT NULL,
    "spent_nano" BIGINT NOT NULL DEFAULT 0,
    "excess_nano" BIGINT NOT NULL DEFAULT 0,
    "open" BOOLEAN NOT NULL DEFAULT true,
    "closed_by" TEXT,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "closed_at" DATETIME
);

-- CreateTable
CREATE TABLE "lease_budget" (
    "lease_id" TEXT NOT NULL,
    "budget_id" TEXT NOT NULL,

    PRIMARY KEY ("lease_id", "budget_id"),
    CONSTRAINT "lease_budget_lease_id_fkey" FOREIGN KEY ("lease_id") REFERENCES "lease" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "lease_budget_budget_id_fkey" FOREIGN KEY ("budget_id") REFERENCES "budget" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "route" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenant_id" TEXT,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL DEFAULT 100,
    "match_" JSONB NOT NULL,
    "targets" JSONB NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "route_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "snapshot" (
    "revision" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "sha256" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "body" BLOB NOT NULL,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))
);

-- CreateTable
CREATE TABLE "setting" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "value" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "dirty_mark" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))
);

-- CreateTable
CREATE TABLE "tenant" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "upstream" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenant_id" TEXT,
    "name" TEXT NOT NULL,
    "preset" TEXT,
    "base_url" TEXT NOT NULL,
    "dialect" TEXT NOT NULL,
    "dialects" JSONB NOT NULL,
    "auth" TEXT NOT NULL DEFAULT 'BEARER',
    "models" JSONB,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "weight" INTEGER NOT NULL DEFAULT 1,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "upstream_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "credential" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "upstream_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'ACTIVE',
    "priority" INTEGER NOT NULL DEFAULT 0,
    "weight" INTEGER NOT NULL DEFAULT 1,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "credential_upstream_id_fkey" FOREIGN KEY ("upstream_id") REFERENCES "upstream" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "exchange" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenant_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "node_id" TEXT NOT NULL,
    "started_at" DATETIME NOT NULL,
    "ended_at" DATETIME,
    "dialect" TEXT,
    "model" TEXT,
    "upstream_id" TEXT,
    "upstream_model" TEXT,
    "status" INTEGER,
    "outcome" TEXT,
    "fault_code" TEXT,
    "stream" BOOLEAN NOT NULL DEFAULT false,
    "ttft_ms" INTEGER,
    "duration_ms" INTEGER,
    "client" TEXT,
    "session_id" TEXT,
    "decision" JSONB,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_tokens" BIGINT NOT NULL DEFAULT 0,
    "cost_nano" BIGINT NOT NULL DEFAULT 0,
    "estimated" BOOLEAN NOT NULL DEFAULT false,
    "unpriced" BOOLEAN NOT NULL DEFAULT false
);

-- CreateTable
CREATE TABLE "usage_event" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "exchange_id" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "node_id" TEXT NOT NULL,
    "boot_id" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "ingest_id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "campaign_id" TEXT,
    "pool_id" TEXT,
    "upstream_id" TEXT NOT NULL,
    "credential_id" TEXT,
    "model_asked" TEXT NOT NULL,
    "model_used" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "started_at" DATETIME NOT NULL,
    "ended_at" DATETIME NOT NULL,
    "outcome" TEXT NOT NULL,
    "http_status" INTEGER,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write5m_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write1h_tokens" BIGINT NOT NULL DEFAULT 0,
    "reasoning_tokens" BIGINT NOT NULL DEFAULT 0,
    "price_id" TEXT,
    "cost_nano" BIGINT NOT NULL DEFAULT 0,
    "reserved_nano" BIGINT NOT NULL DEFAULT 0,
    "excess_nano" BIGINT NOT NULL DEFAULT 0,
    "estimated" BOOLEAN NOT NULL DEFAULT false,
    "unpriced" BOOLEAN NOT NULL DEFAULT false,
    "lease_id" TEXT,
    "revision" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "usage_hour" (
    "tenant_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "upstream_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "hour" DATETIME NOT NULL,
    "requests" INTEGER NOT NULL DEFAULT 0,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_tokens" BIGINT NOT NULL DEFAULT 0,
    "cost_nano" BIGINT NOT NULL DEFAULT 0,
    "excess_nano" BIGINT NOT NULL DEFAULT 0,

    PRIMARY KEY ("tenant_id", "key_id", "upstream_id", "model", "hour")
);

-- CreateTable
CREATE TABLE "usage_dead_letter" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "node_id" TEXT NOT NULL,
    "boot_id" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))
);

-- CreateIndex
CREATE INDEX "audit_entry_tenant_id_id_idx" ON "audit_entry"("tenant_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "campaign_slug_key" ON "campaign"("slug");

-- CreateIndex
CREATE INDEX "campaign_tenant_id_id_idx" ON "campaign"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "pool_tenant_id_id_idx" ON "pool"("tenant_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "key__digest_key" ON "key_"("digest");

-- CreateIndex
CREATE UNIQUE INDEX "key__claim_digest_key" ON "key_"("claim_digest");

-- CreateIndex
CREATE INDEX "key__tenant_id_id_idx" ON "key_"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "key__campaign_id_id_idx" ON "key_"("campaign_id", "id");

-- CreateIndex
CREATE INDEX "member_tenant_id_id_idx" ON "member"("tenant_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "sign_in_link_digest_key" ON "sign_in_link"("digest");

-- CreateIndex
CREATE UNIQUE INDEX "sign_in_digest_key" ON "sign_in"("digest");

-- CreateIndex
CREATE UNIQUE INDEX "management_token_digest_key" ON "management_token"("digest");

-- CreateIndex
CREATE INDEX "management_token_member_id_id_idx" ON "management_token"("member_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "model_name_key" ON "model"("name");

-- CreateIndex
CREATE INDEX "price_model_name_effective_at_idx" ON "price"("model_name", "effective_at");

-- CreateIndex
CREATE UNIQUE INDEX "fleet_node_sign_public_key_key" ON "fleet_node"("sign_public_key");

-- CreateIndex
CREATE INDEX "quota_tenant_id_id_idx" ON "quota"("tenant_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "quota_subject_kind_subject_id_unit_window__key" ON "quota"("subject_kind", "subject_id", "unit", "window_");

-- CreateIndex
CREATE UNIQUE INDEX "budget_quota_id_window_key_key" ON "budget"("quota_id", "window_key");

-- CreateIndex
CREATE INDEX "lease_node_id_open_idx" ON "lease"("node_id", "open");

-- CreateIndex
CREATE INDEX "lease_key_id_open_idx" ON "lease"("key_id", "open");

-- CreateIndex
CREATE UNIQUE INDEX "lease_node_id_boot_id_req_seq_key_id_key" ON "lease"("node_id", "boot_id", "req_seq", "key_id");

-- CreateIndex
CREATE INDEX "lease_budget_budget_id_idx" ON "lease_budget"("budget_id");

-- CreateIndex
CREATE INDEX "route_tenant_id_position_idx" ON "route"("tenant_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "tenant_slug_key" ON "tenant"("slug");

-- CreateIndex
CREATE INDEX "upstream_tenant_id_id_idx" ON "upstream"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "credential_upstream_id_id_idx" ON "credential"("upstream_id", "id");

-- CreateIndex
CREATE INDEX "exchange_tenant_id_id_idx" ON "exchange"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "exchange_key_id_id_idx" ON "exchange"("key_id", "id");

-- CreateIndex
CREATE INDEX "usage_event_ingest_id_idx" ON "usage_event"("ingest_id");

-- CreateIndex
CREATE INDEX "usage_event_exchange_id_idx" ON "usage_event"("exchange_id");

-- CreateIndex
CREATE INDEX "usage_event_tenant_id_started_at_idx" ON "usage_event"("tenant_id", "started_at");

-- CreateIndex
CREATE INDEX "usage_event_key_id_started_at_idx" ON "usage_event"("key_id", "started_at");

-- CreateIndex
CREATE UNIQUE INDEX "usage_event_node_id_boot_id_seq_key" ON "usage_event"("node_id", "boot_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "usage_dead_letter_node_id_boot_id_seq_key" ON "usage_dead_letter"("node_id", "boot_id", "seq");
