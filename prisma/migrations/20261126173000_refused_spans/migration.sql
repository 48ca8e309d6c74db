-- postern: statements outside a transaction
-- Spans that tell of a refused address are few: what a workload told is found without reading its other spans.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "span_refused_idx" ON "span"("endpoint_id", "start_at") WHERE "refused";
