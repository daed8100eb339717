-- Of another form: nodes get a snapshot anew, with a higher revision.
DELETE FROM `snapshot`;

CREATE TABLE `piece` (
  `sha256` VARCHAR(191) NOT NULL,
  `body` MEDIUMBLOB NOT NULL,
  `released_revision` INTEGER NULL,
  `released_at` DATETIME(3) NULL,
  PRIMARY KEY (`sha256`),
  INDEX `piece_released_at_idx`(`released_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `snapshot_head` (
  `name` VARCHAR(191) NOT NULL,
  `revision` INTEGER NOT NULL,
  `issued_at` DATETIME(3) NOT NULL,
  `body` MEDIUMBLOB NOT NULL,
  PRIMARY KEY (`name`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `fleet_root` (
  `version` INTEGER NOT NULL,
  `body` MEDIUMBLOB NOT NULL,
  PRIMARY KEY (`version`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE `snapshot`
  DROP COLUMN `body`;
