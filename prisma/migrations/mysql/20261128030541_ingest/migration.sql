ALTER TABLE `usage_event`
  DROP INDEX `usage_event_ingest_id_idx`,
  DROP INDEX `usage_event_key_id_started_at_idx`;
