-- Evidence rows of 72 bytes instead of JSON of 1,500: what flows have in common is stored once per day. Partitioned like buckets:
-- live data gets its partitions on demand (lib/store/partitions.ts); the rows of all pinned datasets stay in one partition per table.
ALTER TABLE "flow_record" RENAME TO "flow_record_old";
ALTER TABLE "flow_record_old" RENAME CONSTRAINT "flow_record_pkey" TO "flow_record_old_pkey";
DROP INDEX "flow_record_edge_id_start_at_idx";
DROP INDEX "flow_record_start_at_idx";
DROP INDEX "flow_record_family_idx";

CREATE TABLE "flow_record" (
    "start_at" BIGINT NOT NULL,
    "record_key" BIGINT NOT NULL,
    "record_low" BIGINT NOT NULL,
    "variant_id" BIGINT NOT NULL,
    "shape_id" BIGINT NOT NULL,
    "received_after_s" INTEGER NOT NULL,
    "client_port" SMALLINT NOT NULL,
    "dataset" TEXT COLLATE "C" NOT NULL,
    "rest" TEXT NOT NULL,
    CONSTRAINT "flow_record_pkey" PRIMARY KEY ("start_at", "record_key", "dataset")
) PARTITION BY RANGE ("dataset", "start_at");
CREATE INDEX "flow_record_variant_id_start_at_idx" ON "flow_record"("variant_id", "start_at");
-- Only of records that have one (Calico); the same words as in lib/store/settle-siblings.ts.
CREATE INDEX "flow_record_family_idx" ON "flow_record" (((nullif("rest", '')::jsonb ->> 'family')::bigint)) WHERE "rest" ^@ '{"family":';

CREATE TABLE "flow_shape" (
    "id" BIGINT NOT NULL,
    "client_id" BIGINT NOT NULL,
    "server_id" BIGINT NOT NULL,
    "frame_id" BIGINT NOT NULL,
    "day" INTEGER NOT NULL,
    "dataset" TEXT COLLATE "C" NOT NULL,
    CONSTRAINT "flow_shape_pkey" PRIMARY KEY ("id", "day", "dataset")
) PARTITION BY RANGE ("dataset", "day");

CREATE TABLE "flow_part" (
    "id" BIGINT NOT NULL,
    "day" INTEGER NOT NULL,
    "dataset" TEXT COLLATE "C" NOT NULL,
    "part" TEXT NOT NULL,
    CONSTRAINT "flow_part_pkey" PRIMARY KEY ("id", "day", "dataset")
) PARTITION BY RANGE ("dataset", "day");

ALTER TABLE "denial_seen" RENAME TO "denial_seen_old";
ALTER TABLE "denial_seen_old" RENAME CONSTRAINT "denial_seen_pkey" TO "denial_seen_old_pkey";
CREATE TABLE "denial_seen" (
    "minute_at" BIGINT NOT NULL,
    "id" BIGINT NOT NULL,
    "dataset" TEXT COLLATE "C" NOT NULL,
    CONSTRAINT "denial_seen_pkey" PRIMARY KEY ("minute_at", "id", "dataset")
) PARTITION BY RANGE ("dataset", "minute_at");

CREATE TABLE "denial_seen_pinned" PARTITION OF "denial_seen" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);
CREATE TABLE "flow_record_pinned" PARTITION OF "flow_record" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);
CREATE TABLE "flow_shape_pinned" PARTITION OF "flow_shape" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);
CREATE TABLE "flow_part_pinned" PARTITION OF "flow_part" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);

-- Partitions of 6 h for what is there already, under the names that lib/store/partitions.ts gives them.
DO $$
DECLARE
    start BIGINT;
BEGIN
    FOR start IN SELECT DISTINCT floor(extract(epoch FROM start_at) / 21600)::bigint * 21600 FROM flow_record_old WHERE dataset = '' LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF flow_record FOR VALUES FROM ('''', %s) TO ('''', %s)',
            'flow_record' || to_char(to_timestamp(start) AT TIME ZONE 'UTC', '"_p"YYYYMMDDHH24'), start * 1000000000, (start + 21600) * 1000000000);
    END LOOP;
    FOR start IN SELECT DISTINCT floor(extract(epoch FROM at) / 21600)::bigint * 21600 FROM denial_seen_old LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF denial_seen FOR VALUES FROM ('''', %s) TO ('''', %s)',
            'denial_seen' || to_char(to_timestamp(start) AT TIME ZONE 'UTC', '"_p"YYYYMMDDHH24'), start * 1000, (start + 21600) * 1000);
    END LOOP;
END $$;

-- As they are: the whole flow beside the columns.
INSERT INTO flow_record (start_at, record_key, record_low, variant_id, shape_id, received_after_s, client_port, dataset, rest)
SELECT floor(extract(epoch FROM start_at) * 1000)::bigint * 1000000
        + coalesce(rpad(substring(flow -> 'raw' ->> 'time' FROM '\.\d{3}(\d{1,6})Z$'), 6, '0')::int, 0),
    (('x' || left(hex, 16))::bit(64) # ('x' || right(hex, 16))::bit(64))::bigint, ('x' || right(hex, 16))::bit(64)::bigint,
    variant_id, 0, greatest(-2147483647, least(2147483647, extract(epoch FROM received_at - start_at)))::int, -32768, dataset,
    '{' || coalesce('"family":"' || family || '",', '') || '"flow":' || flow || '}'
FROM (SELECT *, replace(record_id::text, '-', '') AS hex FROM flow_record_old) o;
DROP TABLE "flow_record_old";

-- Their dataset is in the hash alone; nearly all are live.
INSERT INTO denial_seen (minute_at, id, dataset) SELECT floor(extract(epoch FROM at) / 60)::bigint * 60000, id, '' FROM denial_seen_old;
DROP TABLE "denial_seen_old";
