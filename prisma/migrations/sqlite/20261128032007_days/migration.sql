-- DropTable
PRAGMA foreign_keys=off;
DROP TABLE "usage_hour";
PRAGMA foreign_keys=on;

-- CreateTable
CREATE TABLE "cost_day" (
    "centre_id" TEXT NOT NULL,
    "day" DATETIME NOT NULL,
    "requests" INTEGER NOT NULL DEFAULT 0,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_tokens" BIGINT NOT NULL DEFAULT 0,
    "cost_nano" BIGINT NOT NULL DEFAULT 0,
    "excess_nano" BIGINT NOT NULL DEFAULT 0,
    "estimated_nano" BIGINT NOT NULL DEFAULT 0,
    "estimated" INTEGER NOT NULL DEFAULT 0,
    "unpriced" INTEGER NOT NULL DEFAULT 0,

    PRIMARY KEY ("centre_id", "day")
);

-- What the hours say of the days before this table was there.
INSERT INTO cost_day (centre_id, day, requests, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_nano, excess_nano, estimated_nano, estimated, unpriced)
SELECT centre_id, substr(hour, 1, 10) || 'T00:00:00.000+00:00', SUM(requests), SUM(input_tokens), SUM(output_tokens), SUM(cache_read_tokens), SUM(cache_write_tokens), SUM(cost_nano), SUM(excess_nano), SUM(estimated_nano), SUM(estimated), SUM(unpriced) FROM cost_hour GROUP BY centre_id, substr(hour, 1, 10) || 'T00:00:00.000+00:00';
