-- postern: statements outside a transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS "finding_case_id_idx" ON "finding"("case_id") WHERE case_id IS NOT NULL;
