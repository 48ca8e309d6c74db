-- postern: statements outside a transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "finding_event_at_idx" ON "finding_event"("at");
