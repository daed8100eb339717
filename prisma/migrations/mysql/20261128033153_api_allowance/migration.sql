CREATE TABLE `api_allowance` (
  `id` VARCHAR(64) NOT NULL,
  `window_at` DATETIME(3) NOT NULL,
  `used` INTEGER NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `api_allowance_window_at_idx`(`window_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
