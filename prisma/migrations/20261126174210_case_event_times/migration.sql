-- postern: statements outside a transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "case_event_at_idx" ON "case_event"("at");
