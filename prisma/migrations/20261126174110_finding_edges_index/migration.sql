-- postern: statements outside a transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "finding_edge_ids_idx" ON "finding" USING GIN ("edge_ids");
