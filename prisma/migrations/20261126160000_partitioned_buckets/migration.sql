-- Buckets of three grains instead of one table, partitioned by time. Live data ('' = the live dataset) gets its partitions on
-- demand (lib/store/partitions.ts); the rows of all pinned datasets stay in one partition per table, which no retention drops.
CREATE TABLE "edge_bucket_15s" (
    "bucket_start" BIGINT NOT NULL,
    "variant_id" BIGINT NOT NULL,
    "first" SMALLINT NOT NULL,
    "last" SMALLINT NOT NULL,
    "dataset" TEXT COLLATE "C" NOT NULL,
    "connections" BIGINT,
    "events" BIGINT,
    "requests" BIGINT,
    "request_errors" BIGINT,
    "bytes_sent" BIGINT,
    "bytes_received" BIGINT,
    CONSTRAINT "edge_bucket_15s_pkey" PRIMARY KEY ("bucket_start", "variant_id", "dataset")
) PARTITION BY RANGE ("dataset", "bucket_start");

CREATE TABLE "edge_bucket_1m" (
    "bucket_start" BIGINT NOT NULL,
    "variant_id" BIGINT NOT NULL,
    "first" SMALLINT NOT NULL,
    "last" SMALLINT NOT NULL,
    "is_direct" BOOLEAN NOT NULL,
    "dataset" TEXT COLLATE "C" NOT NULL,
    "connections" BIGINT,
    "events" BIGINT,
    "requests" BIGINT,
    "request_errors" BIGINT,
    "bytes_sent" BIGINT,
    "bytes_received" BIGINT,
    CONSTRAINT "edge_bucket_1m_pkey" PRIMARY KEY ("bucket_start", "variant_id", "is_direct", "dataset")
) PARTITION BY RANGE ("dataset", "bucket_start");

CREATE TABLE "edge_bucket_1h" (
    "bucket_start" BIGINT NOT NULL,
    "variant_id" BIGINT NOT NULL,
    "first" SMALLINT NOT NULL,
    "last" SMALLINT NOT NULL,
    "is_direct" BOOLEAN NOT NULL,
    "dataset" TEXT COLLATE "C" NOT NULL,
    "connections" BIGINT,
    "events" BIGINT,
    "requests" BIGINT,
    "request_errors" BIGINT,
    "bytes_sent" BIGINT,
    "bytes_received" BIGINT,
    CONSTRAINT "edge_bucket_1h_pkey" PRIMARY KEY ("bucket_start", "variant_id", "is_direct", "dataset")
) PARTITION BY RANGE ("dataset", "bucket_start");

CREATE TABLE "edge_bucket_15s_pinned" PARTITION OF "edge_bucket_15s" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);
CREATE TABLE "edge_bucket_1m_pinned" PARTITION OF "edge_bucket_1m" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);
CREATE TABLE "edge_bucket_1h_pinned" PARTITION OF "edge_bucket_1h" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);

CREATE TABLE "bucket_change" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "dataset" TEXT COLLATE "C" NOT NULL,
    "grain_s" INTEGER NOT NULL,
    "bucket_start" BIGINT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "bucket_change_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "bucket_change_grain_s_dataset_bucket_start_idx" ON "bucket_change"("grain_s", "dataset", "bucket_start");

CREATE TABLE "storage_floor" (
    "table_name" TEXT NOT NULL,
    "floor_ms" BIGINT NOT NULL,
    CONSTRAINT "storage_floor_pkey" PRIMARY KEY ("table_name")
);

-- What came in, at the grain it came in at; sums over it are sums over the records, as long as all 15-second rows are kept.
ALTER TABLE "edge_bucket" RENAME TO "edge_bucket_old";
CREATE VIEW "edge_bucket" AS
    SELECT "bucket_start", 15 AS "grain_s", "variant_id", "dataset", "connections", "events", "requests", "request_errors", "bytes_sent", "bytes_received" FROM "edge_bucket_15s"
    UNION ALL SELECT "bucket_start", 60, "variant_id", "dataset", "connections", "events", "requests", "request_errors", "bytes_sent", "bytes_received" FROM "edge_bucket_1m" WHERE "is_direct"
    UNION ALL SELECT "bucket_start", 3600, "variant_id", "dataset", "connections", "events", "requests", "request_errors", "bytes_sent", "bytes_received" FROM "edge_bucket_1h" WHERE "is_direct";

-- Partitions for what is there already, of the widths in lib/store/partitions.ts, under the names that it gives them.
DO $$
DECLARE
    tier RECORD;
    part RECORD;
BEGIN
    FOR tier IN SELECT * FROM (VALUES (15, 'edge_bucket_15s', 21600000::bigint), (60, 'edge_bucket_1m', 86400000), (3600, 'edge_bucket_1h', 2592000000)) AS t(grain, name, width) LOOP
        FOR part IN
            SELECT DISTINCT (extract(epoch FROM b.bucket_start) * 1000)::bigint / tier.width * tier.width AS start
            FROM edge_bucket_old b JOIN edge_variant v ON v.id = b.variant_id JOIN edge e ON e.id = v.edge_id
            WHERE e.dataset = '' AND (b.grain_s = tier.grain)
        LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM ('''', %s) TO ('''', %s)',
                tier.name || to_char(to_timestamp(part.start / 1000.0) AT TIME ZONE 'UTC', '"_p"YYYYMMDDHH24'), tier.name, part.start, part.start + tier.width);
        END LOOP;
    END LOOP;
END $$;

INSERT INTO edge_bucket_15s (bucket_start, variant_id, first, last, dataset, connections, events, requests, request_errors, bytes_sent, bytes_received)
SELECT o.start, o.variant_id, greatest(0, least(15000, o.first_ms - o.start)), greatest(0, least(15000, o.last_ms - o.start)), o.dataset,
    nullif(o.connections, 0), nullif(o.events, 0), nullif(o.requests, 0), nullif(o.request_errors, 0), nullif(o.bytes_sent, 0), nullif(o.bytes_received, 0)
FROM (SELECT b.*, e.dataset, (extract(epoch FROM b.bucket_start) * 1000)::bigint AS start,
        (extract(epoch FROM b.first_at) * 1000)::bigint AS first_ms, (extract(epoch FROM b.last_at) * 1000)::bigint AS last_ms
    FROM edge_bucket_old b JOIN edge_variant v ON v.id = b.variant_id JOIN edge e ON e.id = v.edge_id WHERE b.grain_s = 15) o;

INSERT INTO edge_bucket_1m (bucket_start, variant_id, first, last, is_direct, dataset, connections, events, requests, request_errors, bytes_sent, bytes_received)
SELECT o.start, o.variant_id, greatest(0, least(30000, (o.first_ms - o.start) / 2)), greatest(0, least(30000, (o.last_ms - o.start + 1) / 2)), true, o.dataset,
    nullif(o.connections, 0), nullif(o.events, 0), nullif(o.requests, 0), nullif(o.request_errors, 0), nullif(o.bytes_sent, 0), nullif(o.bytes_received, 0)
FROM (SELECT b.*, e.dataset, (extract(epoch FROM b.bucket_start) * 1000)::bigint AS start,
        (extract(epoch FROM b.first_at) * 1000)::bigint AS first_ms, (extract(epoch FROM b.last_at) * 1000)::bigint AS last_ms
    FROM edge_bucket_old b JOIN edge_variant v ON v.id = b.variant_id JOIN edge e ON e.id = v.edge_id WHERE b.grain_s = 60) o;

INSERT INTO edge_bucket_1h (bucket_start, variant_id, first, last, is_direct, dataset, connections, events, requests, request_errors, bytes_sent, bytes_received)
SELECT o.start, o.variant_id, greatest(0, least(30000, (o.first_ms - o.start) / 120)), greatest(0, least(30000, (o.last_ms - o.start + 119) / 120)), true, o.dataset,
    nullif(o.connections, 0), nullif(o.events, 0), nullif(o.requests, 0), nullif(o.request_errors, 0), nullif(o.bytes_sent, 0), nullif(o.bytes_received, 0)
FROM (SELECT b.*, e.dataset, (extract(epoch FROM b.bucket_start) * 1000)::bigint AS start,
        (extract(epoch FROM b.first_at) * 1000)::bigint AS first_ms, (extract(epoch FROM b.last_at) * 1000)::bigint AS last_ms
    FROM edge_bucket_old b JOIN edge_variant v ON v.id = b.variant_id JOIN edge e ON e.id = v.edge_id WHERE b.grain_s = 3600) o;

INSERT INTO bucket_change (dataset, grain_s, bucket_start) SELECT DISTINCT dataset, 60, bucket_start / 60000 * 60000 FROM edge_bucket_15s;
INSERT INTO bucket_change (dataset, grain_s, bucket_start) SELECT DISTINCT dataset, 3600, bucket_start / 3600000 * 3600000 FROM edge_bucket_1m;
DROP TABLE "edge_bucket_old";
