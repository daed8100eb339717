CREATE TABLE `cost_centre` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NOT NULL,
  `payer` VARCHAR(191) NOT NULL,
  `key_id` VARCHAR(64) NOT NULL,
  `member_id` VARCHAR(64) NULL,
  `campaign_id` VARCHAR(64) NULL,
  `pool_id` VARCHAR(64) NULL,
  `upstream_id` VARCHAR(64) NOT NULL,
  `credential_id` VARCHAR(64) NULL,
  `model` VARCHAR(191) NOT NULL,
  `tags` JSON NULL,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  PRIMARY KEY (`id`),
  INDEX `cost_centre_tenant_id_id_idx`(`tenant_id`, `id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `cost_hour` (
  `centre_id` VARCHAR(64) NOT NULL,
  `hour` DATETIME(3) NOT NULL,
  `requests` INTEGER NOT NULL DEFAULT 0,
  `input_tokens` BIGINT NOT NULL DEFAULT 0,
  `output_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_read_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_write_tokens` BIGINT NOT NULL DEFAULT 0,
  `cost_nano` BIGINT NOT NULL DEFAULT 0,
  `excess_nano` BIGINT NOT NULL DEFAULT 0,
  `estimated_nano` BIGINT NOT NULL DEFAULT 0,
  `estimated` INTEGER NOT NULL DEFAULT 0,
  `unpriced` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`centre_id`, `hour`),
  INDEX `cost_hour_hour_idx`(`hour`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `ledger_entry` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NOT NULL,
  `kind` VARCHAR(191) NOT NULL,
  `reference` VARCHAR(191) NOT NULL,
  `note` TEXT NULL,
  `member_id` VARCHAR(64) NULL,
  `charge_id` VARCHAR(64) NULL,
  `other_tenant_id` VARCHAR(64) NULL,
  `amount_nano` BIGINT NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `ledger_entry_tenant_id_created_at_idx`(`tenant_id`, `created_at`),
  INDEX `ledger_entry_charge_id_idx`(`charge_id`),
  UNIQUE INDEX `ledger_entry_tenant_id_reference_key`(`tenant_id`, `reference`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `ledger_posting` (
  `entry_id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NOT NULL,
  `account` VARCHAR(191) NOT NULL,
  `amount_nano` BIGINT NOT NULL,
  PRIMARY KEY (`entry_id`, `tenant_id`, `account`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `account_balance` (
  `tenant_id` VARCHAR(64) NOT NULL,
  `account` VARCHAR(191) NOT NULL,
  `balance_nano` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`tenant_id`, `account`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `wallet` (
  `tenant_id` VARCHAR(64) NOT NULL,
  `low_nano` BIGINT NULL,
  `low` BOOLEAN NOT NULL DEFAULT false,
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`tenant_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE `usage_event`
  ADD COLUMN `centre_id` VARCHAR(64) NULL;

ALTER TABLE `ledger_posting`
  ADD CONSTRAINT `ledger_posting_entry_id_fkey` FOREIGN KEY (`entry_id`) REFERENCES `ledger_entry`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;
