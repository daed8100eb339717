CREATE TABLE `error_rule` (
  `id` VARCHAR(64) NOT NULL,
  `tenant_id` VARCHAR(64) NULL,
  `name` VARCHAR(191) NOT NULL,
  `position` INTEGER NOT NULL DEFAULT 100,
  `upstream_id` VARCHAR(64) NULL,
  `match_` JSON NOT NULL,
  `outcome` VARCHAR(191) NULL,
  `say` TEXT NULL,
  `answer_status` INTEGER NULL,
  `status` VARCHAR(191) NOT NULL DEFAULT 'ACTIVE',
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `error_rule_tenant_id_position_idx`(`tenant_id`, `position`),
  INDEX `error_rule_upstream_id_idx`(`upstream_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE `key_`
  ADD COLUMN `tags` JSON NULL,
  ADD COLUMN `replay` BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE `model`
  ADD COLUMN `lacks` JSON NULL;

ALTER TABLE `fleet_node`
  ADD COLUMN `health` JSON NULL;

ALTER TABLE `route`
  ADD COLUMN `settings` JSON NULL;

ALTER TABLE `upstream`
  ADD COLUMN `settings` JSON NULL;

ALTER TABLE `credential`
  ADD COLUMN `requests_per_minute` INTEGER NULL,
  ADD COLUMN `concurrent` INTEGER NULL,
  ADD COLUMN `spill_at_percent` INTEGER NULL;

ALTER TABLE `exchange`
  ADD COLUMN `ask` JSON NULL;

ALTER TABLE `error_rule`
  ADD CONSTRAINT `error_rule_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE `error_rule`
  ADD CONSTRAINT `error_rule_upstream_id_fkey` FOREIGN KEY (`upstream_id`) REFERENCES `upstream`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
