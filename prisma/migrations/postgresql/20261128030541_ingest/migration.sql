-- DropIndex
DROP INDEX "usage_event_ingest_id_idx";

-- DropIndex
DROP INDEX "usage_event_key_id_started_at_idx";
