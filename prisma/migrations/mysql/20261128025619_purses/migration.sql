ALTER TABLE `lease`
  DROP INDEX `lease_key_id_open_idx`,
  DROP INDEX `lease_node_id_boot_id_req_seq_key_id_key`,
  CHANGE COLUMN `key_id` `holder_id` VARCHAR(64) NOT NULL,
  ADD COLUMN `unit` VARCHAR(191) NOT NULL DEFAULT 'USD',
  ADD INDEX `lease_holder_id_open_idx`(`holder_id`, `open`),
  ADD UNIQUE INDEX `lease_node_id_boot_id_req_seq_holder_id_unit_key`(`node_id`, `boot_id`, `req_seq`, `holder_id`, `unit`);
