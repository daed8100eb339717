CREATE TABLE `vendor_balance` (
  `credential_id` VARCHAR(64) NOT NULL,
  `left_` VARCHAR(191) NULL,
  `limit_` VARCHAR(191) NULL,
  `unit` VARCHAR(191) NULL,
  `resets_at` DATETIME(3) NULL,
  `read_at` DATETIME(3) NULL,
  `tried_at` DATETIME(3) NULL,
  `problem` TEXT NULL,
  `next_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`credential_id`),
  INDEX `vendor_balance_next_at_idx`(`next_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE `upstream`
  ADD COLUMN `balance` JSON NULL;

ALTER TABLE `vendor_balance`
  ADD CONSTRAINT `vendor_balance_credential_id_fkey` FOREIGN KEY (`credential_id`) REFERENCES `credential`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
