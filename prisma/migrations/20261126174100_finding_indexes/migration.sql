-- postern: statements outside a transaction
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "finding_dataset_detector_cluster_workload_target_key" ON "finding"("dataset", "detector", "cluster", "workload", "target") WHERE is_current;
CREATE INDEX CONCURRENTLY IF NOT EXISTS "finding_edge_ids_idx" ON "finding" USING GIN ("edge_ids");
CREATE INDEX CONCURRENTLY IF NOT EXISTS "finding_case_id_idx" ON "finding"("case_id") WHERE case_id IS NOT NULL;
