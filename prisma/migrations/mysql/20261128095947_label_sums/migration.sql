CREATE TABLE `label_hour` (
  `tenant_id` VARCHAR(64) NOT NULL,
  `hour` DATETIME(3) NOT NULL,
  `session_id` VARCHAR(191) NOT NULL,
  `repo` VARCHAR(100) NOT NULL,
  `branch` VARCHAR(100) NOT NULL,
  `ticket` VARCHAR(100) NOT NULL,
  `centre_id` VARCHAR(64) NOT NULL,
  `requests` INTEGER NOT NULL DEFAULT 0,
  `input_tokens` BIGINT NOT NULL DEFAULT 0,
  `output_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_read_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_write_tokens` BIGINT NOT NULL DEFAULT 0,
  `cost_nano` BIGINT NOT NULL DEFAULT 0,
  `excess_nano` BIGINT NOT NULL DEFAULT 0,
  `estimated_nano` BIGINT NOT NULL DEFAULT 0,
  `estimated` INTEGER NOT NULL DEFAULT 0,
  `unpriced` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`tenant_id`, `hour`, `session_id`, `repo`, `branch`, `ticket`, `centre_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE `label_day` (
  `tenant_id` VARCHAR(64) NOT NULL,
  `day` DATETIME(3) NOT NULL,
  `repo` VARCHAR(100) NOT NULL,
  `branch` VARCHAR(100) NOT NULL,
  `ticket` VARCHAR(100) NOT NULL,
  `centre_id` VARCHAR(64) NOT NULL,
  `requests` INTEGER NOT NULL DEFAULT 0,
  `input_tokens` BIGINT NOT NULL DEFAULT 0,
  `output_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_read_tokens` BIGINT NOT NULL DEFAULT 0,
  `cache_write_tokens` BIGINT NOT NULL DEFAULT 0,
  `cost_nano` BIGINT NOT NULL DEFAULT 0,
  `excess_nano` BIGINT NOT NULL DEFAULT 0,
  `estimated_nano` BIGINT NOT NULL DEFAULT 0,
  `estimated` INTEGER NOT NULL DEFAULT 0,
  `unpriced` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`tenant_id`, `day`, `repo`, `branch`, `ticket`, `centre_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What charges from before this table were for.
INSERT INTO label_hour (tenant_id, hour, session_id, repo, branch, ticket, centre_id, requests, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_nano, excess_nano, estimated_nano, estimated, unpriced)
SELECT tenant_id, TIMESTAMP(DATE_FORMAT(started_at, '%Y-%m-%d %H:00:00')), COALESCE(session_id, ''), SUBSTR(COALESCE(repo, ''), 1, 100), SUBSTR(COALESCE(branch, ''), 1, 100), SUBSTR(COALESCE(ticket, ''), 1, 100), centre_id, COUNT(*), SUM(input_tokens), SUM(output_tokens), SUM(cache_read_tokens), SUM(cache_write5m_tokens + cache_write1h_tokens), SUM(cost_nano), SUM(excess_nano), SUM(CASE WHEN estimated THEN cost_nano ELSE 0 END), SUM(CASE WHEN estimated THEN 1 ELSE 0 END), SUM(CASE WHEN unpriced THEN 1 ELSE 0 END) FROM usage_event WHERE centre_id IS NOT NULL AND (repo IS NOT NULL OR branch IS NOT NULL OR ticket IS NOT NULL OR session_id IS NOT NULL) GROUP BY tenant_id, TIMESTAMP(DATE_FORMAT(started_at, '%Y-%m-%d %H:00:00')), COALESCE(session_id, ''), SUBSTR(COALESCE(repo, ''), 1, 100), SUBSTR(COALESCE(branch, ''), 1, 100), SUBSTR(COALESCE(ticket, ''), 1, 100), centre_id;

INSERT INTO label_day (tenant_id, day, repo, branch, ticket, centre_id, requests, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_nano, excess_nano, estimated_nano, estimated, unpriced)
SELECT tenant_id, TIMESTAMP(DATE(hour)), repo, branch, ticket, centre_id, SUM(requests), SUM(input_tokens), SUM(output_tokens), SUM(cache_read_tokens), SUM(cache_write_tokens), SUM(cost_nano), SUM(excess_nano), SUM(estimated_nano), SUM(estimated), SUM(unpriced) FROM label_hour WHERE repo <> '' OR branch <> '' OR ticket <> '' GROUP BY tenant_id, TIMESTAMP(DATE(hour)), repo, branch, ticket, centre_id;
