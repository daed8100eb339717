CREATE TABLE `budget_part` (
  `budget_id` VARCHAR(64) NOT NULL,
  `starts_at` DATETIME(3) NOT NULL,
  `spent_nano` BIGINT NOT NULL,
  PRIMARY KEY (`budget_id`, `starts_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `budget_threshold` (
  `id` VARCHAR(64) NOT NULL,
  `budget_id` VARCHAR(64) NOT NULL,
  `percent` INTEGER NOT NULL,
  `span` VARCHAR(191) NOT NULL DEFAULT '',
  `spent_nano` BIGINT NOT NULL,
  `limit_nano` BIGINT NOT NULL,
  `reached_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `budget_threshold_budget_id_percent_span_key`(`budget_id`, `percent`, `span`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE `key_`
  ADD COLUMN `concurrent` INTEGER NULL;

ALTER TABLE `budget_part`
  ADD CONSTRAINT `budget_part_budget_id_fkey` FOREIGN KEY (`budget_id`) REFERENCES `budget`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `budget_threshold`
  ADD CONSTRAINT `budget_threshold_budget_id_fkey` FOREIGN KEY (`budget_id`) REFERENCES `budget`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
