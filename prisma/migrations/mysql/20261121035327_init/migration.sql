CREATE TABLE `audit_entry` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NULL,
  `actor_kind` VARCHAR(191) NOT NULL,
  `actor_id` VARCHAR(64) NULL,
  `action` VARCHAR(191) NOT NULL,
  `object_id` VARCHAR(64) NULL,
  `detail` JSON NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`),
  INDEX `audit_entry_tenant_id_id_idx`(`tenant_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `campaign` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NOT NULL,
  `pool_id` VARCHAR(64) NOT NULL,
  `slug` VARCHAR(191) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `status` VARCHAR(191) NOT NULL DEFAULT 'ACTIVE',
  `key_budget_nano` BIGINT NOT NULL,
  `key_ttl_seconds` INTEGER NOT NULL,
  `models` JSON NULL,
  `max_output_tokens` INTEGER NOT NULL DEFAULT 8192,
  `requests_per_minute` INTEGER NOT NULL DEFAULT 20,
  `starts_at` DATETIME(3) NULL,
  `ends_at` DATETIME(3) NULL,
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `campaign_slug_key`(`slug`),
  INDEX `campaign_tenant_id_id_idx`(`tenant_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `pool` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `status` VARCHAR(191) NOT NULL DEFAULT 'ACTIVE',
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `pool_tenant_id_id_idx`(`tenant_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `key_` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NOT NULL,
  `member_id` VARCHAR(64) NULL,
  `name` VARCHAR(191) NOT NULL,
  `hint` VARCHAR(191) NOT NULL,
  `digest` VARCHAR(191) NOT NULL,
  `status` VARCHAR(191) NOT NULL DEFAULT 'ACTIVE',
  `funding` VARCHAR(191) NOT NULL DEFAULT 'TENANT_BUDGET',
  `pool_id` VARCHAR(64) NULL,
  `campaign_id` VARCHAR(64) NULL,
  `models` JSON NULL,
  `max_output_tokens` INTEGER NULL,
  `requests_per_minute` INTEGER NULL,
  `expires_at` DATETIME(3) NULL,
  `claim_digest` VARCHAR(191) NULL,
  `claimed_at` DATETIME(3) NULL,
  `last_used_at` DATETIME(3) NULL,
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `key__digest_key`(`digest`),
  UNIQUE INDEX `key__claim_digest_key`(`claim_digest`),
  INDEX `key__tenant_id_id_idx`(`tenant_id`, `id`),
  INDEX `key__campaign_id_id_idx`(`campaign_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `member` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `email` VARCHAR(191) NULL,
  `role` VARCHAR(191) NOT NULL DEFAULT 'DEVELOPER',
  `operator` BOOLEAN NOT NULL DEFAULT false,
  `status` VARCHAR(191) NOT NULL DEFAULT 'ACTIVE',
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `member_tenant_id_id_idx`(`tenant_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `sign_in_link` (
  `id` VARCHAR(64) NOT NULL,
  `member_id` VARCHAR(64) NOT NULL,
  `digest` VARCHAR(191) NOT NULL,
  `expires_at` DATETIME(3) NOT NULL,
  `used_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `sign_in_link_digest_key`(`digest`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `sign_in` (
  `id` VARCHAR(64) NOT NULL,
  `member_id` VARCHAR(64) NOT NULL,
  `digest` VARCHAR(191) NOT NULL,
  `user_agent` TEXT NULL,
  `expires_at` DATETIME(3) NOT NULL,
  `revoked_at` DATETIME(3) NULL,
  `last_used_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `sign_in_digest_key`(`digest`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `management_token` (
  `id` VARCHAR(64) NOT NULL,
  `member_id` VARCHAR(64) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `hint` VARCHAR(191) NOT NULL,
  `digest` VARCHAR(191) NOT NULL,
  `scopes` JSON NOT NULL,
  `expires_at` DATETIME(3) NOT NULL,
  `revoked_at` DATETIME(3) NULL,
  `last_used_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `management_token_digest_key`(`digest`),
  INDEX `management_token_member_id_id_idx`(`member_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `model` (
  `id` VARCHAR(64) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `display_name` VARCHAR(191) NOT NULL,
  `vendor` VARCHAR(191) NULL,
  `context_tokens` INTEGER NULL,
  `max_output_tokens` INTEGER NULL,
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `model_name_key`(`name`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `price` (
  `id` VARCHAR(64) NOT NULL,
  `model_name` VARCHAR(191) NOT NULL,
  `upstream_id` VARCHAR(64) NULL,
  `input_nano` BIGINT NOT NULL,
  `output_nano` BIGINT NOT NULL,
  `cache_read_nano` BIGINT NOT NULL,
  `cache_write5m_nano` BIGINT NOT NULL,
  `cache_write1h_nano` BIGINT NOT NULL,
  `source` VARCHAR(191) NOT NULL DEFAULT 'hand',
  `effective_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`),
  INDEX `price_model_name_effective_at_idx`(`model_name`, `effective_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `fleet_node` (
  `id` VARCHAR(64) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `region` VARCHAR(191) NOT NULL DEFAULT 'local',
  `status` VARCHAR(191) NOT NULL DEFAULT 'ACTIVE',
  `sign_public_key` VARCHAR(191) NOT NULL,
  `seal_public_key` VARCHAR(191) NOT NULL,
  `runtime` VARCHAR(191) NULL,
  `build` VARCHAR(191) NULL,
  `boot_id` VARCHAR(64) NULL,
  `applied_revision` INTEGER NOT NULL DEFAULT 0,
  `nack` JSON NULL,
  `secret_epoch` INTEGER NOT NULL DEFAULT 0,
  `spool` JSON NULL,
  `last_seen_at` DATETIME(3) NULL,
  `token_id` VARCHAR(64) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `fleet_node_sign_public_key_key`(`sign_public_key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `node_token` (
  `id` VARCHAR(64) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `region` VARCHAR(191) NOT NULL DEFAULT 'local',
  `sealed_mac_key` TEXT NOT NULL,
  `max_uses` INTEGER NOT NULL DEFAULT 1,
  `uses` INTEGER NOT NULL DEFAULT 0,
  `used_by` VARCHAR(191) NULL,
  `expires_at` DATETIME(3) NOT NULL,
  `revoked_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `node_boot` (
  `node_id` VARCHAR(64) NOT NULL,
  `boot_id` VARCHAR(64) NOT NULL,
  `acked_seq` INTEGER NOT NULL DEFAULT 0,
  `max_seq` INTEGER NOT NULL DEFAULT 0,
  `seen_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`node_id`, `boot_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `quota` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NOT NULL,
  `subject_kind` VARCHAR(191) NOT NULL,
  `subject_id` VARCHAR(64) NOT NULL,
  `unit` VARCHAR(191) NOT NULL DEFAULT 'USD',
  `window_` VARCHAR(191) NOT NULL DEFAULT 'TOTAL',
  `time_zone` VARCHAR(191) NOT NULL DEFAULT 'UTC',
  `limit_nano` BIGINT NOT NULL,
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `quota_tenant_id_id_idx`(`tenant_id`, `id`),
  UNIQUE INDEX `quota_subject_kind_subject_id_unit_window__key`(`subject_kind`, `subject_id`, `unit`, `window_`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `budget` (
  `id` VARCHAR(64) NOT NULL,
  `quota_id` VARCHAR(64) NOT NULL,
  `window_key` VARCHAR(191) NOT NULL,
  `starts_at` DATETIME(3) NOT NULL,
  `ends_at` DATETIME(3) NULL,
  `limit_nano` BIGINT NOT NULL,
  `spent_nano` BIGINT NOT NULL DEFAULT 0,
  `escrow_nano` BIGINT NOT NULL DEFAULT 0,
  `excess_nano` BIGINT NOT NULL DEFAULT 0,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `budget_quota_id_window_key_key`(`quota_id`, `window_key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `lease` (
  `id` VARCHAR(64) NOT NULL,
  `key_id` VARCHAR(64) NOT NULL,
  `node_id` VARCHAR(64) NOT NULL,
  `boot_id` VARCHAR(64) NOT NULL,
  `req_seq` INTEGER NOT NULL,
  `granted_nano` BIGINT NOT NULL,
  `spent_nano` BIGINT NOT NULL DEFAULT 0,
  `excess_nano` BIGINT NOT NULL DEFAULT 0,
  `open` BOOLEAN NOT NULL DEFAULT true,
  `closed_by` VARCHAR(191) NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `closed_at` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  INDEX `lease_node_id_open_idx`(`node_id`, `open`),
  INDEX `lease_key_id_open_idx`(`key_id`, `open`),
  UNIQUE INDEX `lease_node_id_boot_id_req_seq_key_id_key`(`node_id`, `boot_id`, `req_seq`, `key_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `lease_budget` (
  `lease_id` VARCHAR(64) NOT NULL,
  `budget_id` VARCHAR(64) NOT NULL,
  PRIMARY KEY (`lease_id`, `budget_id`),
  INDEX `lease_budget_budget_id_idx`(`budget_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `route` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NULL,
  `name` VARCHAR(191) NOT NULL,
  `position` INTEGER NOT NULL DEFAULT 100,
  `match_` JSON NOT NULL,
  `targets` JSON NOT NULL,
  `status` VARCHAR(191) NOT NULL DEFAULT 'ACTIVE',
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `route_tenant_id_position_idx`(`tenant_id`, `position`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `snapshot` (
  `revision` INTEGER NOT NULL,
  `sha256` VARCHAR(191) NOT NULL,
  `size_bytes` INTEGER NOT NULL,
  `body` LONGBLOB NOT NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`revision`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `setting` (
  `name` VARCHAR(191) NOT NULL,
  `value` TEXT NOT NULL,
  PRIMARY KEY (`name`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `dirty_mark` (
  `id` INTEGER NOT NULL AUTO_INCREMENT,
  `kind` VARCHAR(191) NOT NULL,
  `object_id` VARCHAR(64) NOT NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `tenant` (
  `id` VARCHAR(64) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `slug` VARCHAR(191) NOT NULL,
  `status` VARCHAR(191) NOT NULL DEFAULT 'ACTIVE',
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `tenant_slug_key`(`slug`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `upstream` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NULL,
  `name` VARCHAR(191) NOT NULL,
  `preset` VARCHAR(191) NULL,
  `base_url` TEXT NOT NULL,
  `dialect` VARCHAR(191) NOT NULL,
  `dialects` JSON NOT NULL,
  `auth` VARCHAR(191) NOT NULL DEFAULT 'BEARER',
  `models` JSON NULL,
  `priority` INTEGER NOT NULL DEFAULT 0,
  `weight` INTEGER NOT NULL DEFAULT 1,
  `status` VARCHAR(191) NOT NULL DEFAULT 'ACTIVE',
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `upstream_tenant_id_id_idx`(`tenant_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `credential` (
  `id` VARCHAR(64) NOT NULL,
  `upstream_id` VARCHAR(64) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `hint` VARCHAR(191) NOT NULL,
  `sealed` TEXT NOT NULL,
  `status` VARCHAR(191) NOT NULL DEFAULT 'ACTIVE',
  `priority` INTEGER NOT NULL DEFAULT 0,
  `weight` INTEGER NOT NULL DEFAULT 1,
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `credential_upstream_id_id_idx`(`upstream_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `exchange` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NOT NULL,
  `key_id` VARCHAR(64) NOT NULL,
  `node_id` VARCHAR(64) NOT NULL,
  `started_at` DATETIME(3) NOT NULL,
  `ended_at` DATETIME(3) NULL,
  `dialect` VARCHAR(191) NULL,
  `model` VARCHAR(191) NULL,
  `upstream_id` VARCHAR(64) NULL,
  `upstream_model` VARCHAR(191) NULL,
  `status` INTEGER NULL,
  `outcome` VARCHAR(191) NULL,
  `fault_code` VARCHAR(191) NULL,
  `stream` BOOLEAN NOT NULL DEFAULT false,
  `ttft_ms` INTEGER NULL,
  `duration_ms` INTEGER NULL,
  `client` VARCHAR(191) NULL,
  `session_id` VARCHAR(191) NULL,
  `decision` JSON NULL,
  `attempts` INTEGER NOT NULL DEFAULT 0,
  `input_tokens` BIGINT NOT NULL DEFAULT 0,
  `output_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_read_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_write_tokens` BIGINT NOT NULL DEFAULT 0,
  `cost_nano` BIGINT NOT NULL DEFAULT 0,
  `estimated` BOOLEAN NOT NULL DEFAULT false,
  `unpriced` BOOLEAN NOT NULL DEFAULT false,
  PRIMARY KEY (`id`),
  INDEX `exchange_tenant_id_id_idx`(`tenant_id`, `id`),
  INDEX `exchange_key_id_id_idx`(`key_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `usage_event` (
  `id` VARCHAR(64) NOT NULL,
  `exchange_id` VARCHAR(64) NOT NULL,
  `attempt` INTEGER NOT NULL,
  `node_id` VARCHAR(64) NOT NULL,
  `boot_id` VARCHAR(64) NOT NULL,
  `seq` INTEGER NOT NULL,
  `ingest_id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NOT NULL,
  `key_id` VARCHAR(64) NOT NULL,
  `campaign_id` VARCHAR(64) NULL,
  `pool_id` VARCHAR(64) NULL,
  `upstream_id` VARCHAR(64) NOT NULL,
  `credential_id` VARCHAR(64) NULL,
  `model_asked` VARCHAR(191) NOT NULL,
  `model_used` VARCHAR(191) NOT NULL,
  `region` VARCHAR(191) NOT NULL,
  `started_at` DATETIME(3) NOT NULL,
  `ended_at` DATETIME(3) NOT NULL,
  `outcome` VARCHAR(191) NOT NULL,
  `http_status` INTEGER NULL,
  `input_tokens` BIGINT NOT NULL DEFAULT 0,
  `output_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_read_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_write5m_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_write1h_tokens` BIGINT NOT NULL DEFAULT 0,
  `reasoning_tokens` BIGINT NOT NULL DEFAULT 0,
  `price_id` VARCHAR(64) NULL,
  `cost_nano` BIGINT NOT NULL DEFAULT 0,
  `reserved_nano` BIGINT NOT NULL DEFAULT 0,
  `excess_nano` BIGINT NOT NULL DEFAULT 0,
  `estimated` BOOLEAN NOT NULL DEFAULT false,
  `unpriced` BOOLEAN NOT NULL DEFAULT false,
  `lease_id` VARCHAR(64) NULL,
  `revision` INTEGER NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `usage_event_ingest_id_idx`(`ingest_id`),
  INDEX `usage_event_exchange_id_idx`(`exchange_id`),
  INDEX `usage_event_tenant_id_started_at_idx`(`tenant_id`, `started_at`),
  INDEX `usage_event_key_id_started_at_idx`(`key_id`, `started_at`),
  UNIQUE INDEX `usage_event_node_id_boot_id_seq_key`(`node_id`, `boot_id`, `seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `usage_hour` (
  `tenant_id` VARCHAR(64) NOT NULL,
  `key_id` VARCHAR(64) NOT NULL,
  `upstream_id` VARCHAR(64) NOT NULL,
  `model` VARCHAR(191) NOT NULL,
  `hour` DATETIME(3) NOT NULL,
  `requests` INTEGER NOT NULL DEFAULT 0,
  `input_tokens` BIGINT NOT NULL DEFAULT 0,
  `output_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_read_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_write_tokens` BIGINT NOT NULL DEFAULT 0,
  `cost_nano` BIGINT NOT NULL DEFAULT 0,
  `excess_nano` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`tenant_id`, `key_id`, `upstream_id`, `model`, `hour`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `usage_dead_letter` (
  `id` VARCHAR(64) NOT NULL,
  `node_id` VARCHAR(64) NOT NULL,
  `boot_id` VARCHAR(64) NOT NULL,
  `seq` INTEGER NOT NULL,
  `reason` TEXT NOT NULL,
  `body` LONGTEXT NOT NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `usage_dead_letter_node_id_boot_id_seq_key`(`node_id`, `boot_id`, `seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE `audit_entry`
  ADD CONSTRAINT `audit_entry_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE `campaign`
  ADD CONSTRAINT `campaign_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE `campaign`
  ADD CONSTRAINT `campaign_pool_id_fkey` FOREIGN KEY (`pool_id`) REFERENCES `pool`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE `pool`
  ADD CONSTRAINT `pool_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE `key_`
  ADD CONSTRAINT `key__tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE `key_`
  ADD CONSTRAINT `key__pool_id_fkey` FOREIGN KEY (`pool_id`) REFERENCES `pool`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE `key_`
  ADD CONSTRAINT `key__campaign_id_fkey` FOREIGN KEY (`campaign_id`) REFERENCES `campaign`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE `member`
  ADD CONSTRAINT `member_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE `sign_in_link`
  ADD CONSTRAINT `sign_in_link_member_id_fkey` FOREIGN KEY (`member_id`) REFERENCES `member`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `sign_in`
  ADD CONSTRAINT `sign_in_member_id_fkey` FOREIGN KEY (`member_id`) REFERENCES `member`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `management_token`
  ADD CONSTRAINT `management_token_member_id_fkey` FOREIGN KEY (`member_id`) REFERENCES `member`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `price`
  ADD CONSTRAINT `price_upstream_id_fkey` FOREIGN KEY (`upstream_id`) REFERENCES `upstream`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `quota`
  ADD CONSTRAINT `quota_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE `budget`
  ADD CONSTRAINT `budget_quota_id_fkey` FOREIGN KEY (`quota_id`) REFERENCES `quota`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `lease_budget`
  ADD CONSTRAINT `lease_budget_lease_id_fkey` FOREIGN KEY (`lease_id`) REFERENCES `lease`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `lease_budget`
  ADD CONSTRAINT `lease_budget_budget_id_fkey` FOREIGN KEY (`budget_id`) REFERENCES `budget`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `route`
  ADD CONSTRAINT `route_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE `upstream`
  ADD CONSTRAINT `upstream_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE `credential`
  ADD CONSTRAINT `credential_upstream_id_fkey` FOREIGN KEY (`upstream_id`) REFERENCES `upstream`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
