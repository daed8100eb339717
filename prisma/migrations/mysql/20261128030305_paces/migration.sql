ALTER TABLE `key_`
  ADD COLUMN `tokens_per_minute` INTEGER NULL,
  ADD COLUMN `sessions` INTEGER NULL,
  ADD COLUMN `clients` JSON NULL;

ALTER TABLE `tenant`
  ADD COLUMN `requests_per_minute` INTEGER NULL,
  ADD COLUMN `tokens_per_minute` INTEGER NULL,
  ADD COLUMN `concurrent` INTEGER NULL,
  ADD COLUMN `models` JSON NULL;
