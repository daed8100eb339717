CREATE TABLE `price_multiplier` (
  `id` VARCHAR(64) NOT NULL,
  `subject_kind` VARCHAR(191) NOT NULL,
  `subject_id` VARCHAR(64) NOT NULL,
  `millionths` INTEGER NOT NULL,
  `version` INTEGER NOT NULL DEFAULT 1,
  `created_at` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `price_multiplier_subject_kind_subject_id_key`(`subject_kind`, `subject_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `unpriced_model` (
  `model` VARCHAR(191) NOT NULL,
  `since` DATETIME(3) NOT NULL,
  PRIMARY KEY (`model`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE `price`
  ADD COLUMN `reasoning_nano` BIGINT NULL,
  ADD COLUMN `request_nano` BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN `units` JSON NULL,
  ADD COLUMN `steps` JSON NULL,
  ADD COLUMN `services` JSON NULL;

ALTER TABLE `usage_event`
  ADD COLUMN `terms` JSON NULL,
  ADD INDEX `usage_event_unpriced_model_used_idx`(`unpriced`, `model_used`);
