-- Spans partitioned by their start (lib/store/partitions.ts).
ALTER TABLE "span" RENAME TO "span_old";
ALTER TABLE "span_old" DROP CONSTRAINT "span_pkey";
DROP INDEX "span_edge_id_start_at_idx";
DROP INDEX "span_received_edge_id_start_at_idx";
DROP INDEX "span_trace_id_parent_span_id_idx";
DROP INDEX "span_settle_at_idx";
DROP INDEX "span_start_at_idx";

CREATE TABLE "span" (
    "dataset" TEXT COLLATE "C" NOT NULL,
    "trace_id" TEXT NOT NULL,
    "span_id" TEXT NOT NULL,
    "parent_span_id" TEXT,
    "cluster" TEXT,
    "endpoint_id" BIGINT,
    "named_edge_id" BIGINT,
    "edge_id" BIGINT,
    "received_edge_id" BIGINT,
    "counts_call" BOOLEAN NOT NULL,
    "has_failed" BOOLEAN NOT NULL DEFAULT false,
    "settle_at" TIMESTAMPTZ(3),
    "counts_ai_call" BOOLEAN NOT NULL,
    "start_at" TIMESTAMPTZ(6) NOT NULL,
    "duration_ns" BIGINT NOT NULL,
    "is_error" BOOLEAN NOT NULL,
    "ai_provider" TEXT,
    "ai_model" TEXT,
    "input_tokens" BIGINT,
    "output_tokens" BIGINT,
    "database" TEXT,
    "refused" BOOLEAN NOT NULL DEFAULT false,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "span" JSONB NOT NULL,
    CONSTRAINT "span_pkey" PRIMARY KEY ("trace_id", "span_id", "start_at", "dataset")
) PARTITION BY RANGE ("dataset", "start_at");

CREATE TABLE "span_pinned" PARTITION OF "span" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);

-- Partitions for what is there already, of the width in lib/store/partitions.ts, under the names that it gives them.
DO $$
DECLARE
    part RECORD;
BEGIN
    FOR part IN
        SELECT DISTINCT to_timestamp(floor(extract(epoch FROM start_at) / 21600) * 21600) AS start FROM span_old WHERE dataset = ''
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF span FOR VALUES FROM ('''', %L) TO ('''', %L)',
            'span' || to_char(part.start AT TIME ZONE 'UTC', '"_p"YYYYMMDDHH24'), part.start, part.start + interval '6 hours');
    END LOOP;
END $$;

INSERT INTO "span" (dataset, trace_id, span_id, parent_span_id, cluster, endpoint_id, named_edge_id, edge_id, received_edge_id, counts_call, has_failed,
    settle_at, counts_ai_call, start_at, duration_ns, is_error, ai_provider, ai_model, input_tokens, output_tokens, database, refused, received_at, span)
SELECT dataset, trace_id, span_id, parent_span_id, cluster, endpoint_id, named_edge_id, edge_id, received_edge_id, counts_call, has_failed,
    settle_at, counts_ai_call, start_at, duration_ns, is_error, ai_provider, ai_model, input_tokens, output_tokens, database, refused, received_at, span
FROM "span_old";

CREATE INDEX "span_edge_id_start_at_idx" ON "span"("edge_id", "start_at" DESC);
CREATE INDEX "span_received_edge_id_start_at_idx" ON "span"("received_edge_id", "start_at" DESC) WHERE "received_edge_id" IS NOT NULL;
CREATE INDEX "span_trace_id_parent_span_id_idx" ON "span"("trace_id", "parent_span_id") WHERE "parent_span_id" IS NOT NULL;
CREATE INDEX "span_settle_at_idx" ON "span"("settle_at") WHERE "settle_at" IS NOT NULL;
CREATE INDEX "span_start_at_idx" ON "span"("start_at");

DROP TABLE "span_old";
