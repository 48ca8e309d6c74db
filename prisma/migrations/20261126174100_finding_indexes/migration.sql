-- postern: statements outside a transaction
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "finding_dataset_detector_cluster_workload_target_key" ON "finding"("dataset", "detector", "cluster", "workload", "target") WHERE is_current;
