-- A pinned dataset may have a title, and may be on its way out.
ALTER TABLE "dataset" ADD COLUMN "title" TEXT, ADD COLUMN "deleting_at" TIMESTAMPTZ(3);

-- What is deleted with a dataset is found by its name. Partial: live rows, which are many and never deleted so, have no entry.
CREATE INDEX "edge_dataset_id_idx" ON "edge"("dataset", "id") WHERE dataset <> '';
CREATE INDEX "ingest_batch_dataset_body_sha256_idx" ON "ingest_batch"("dataset", "body_sha256") WHERE dataset <> '';
CREATE INDEX "finding_dataset_id_idx" ON "finding"("dataset", "id") WHERE dataset <> '';

-- From when on a pinned dataset has records, and what is deleted with it. The condition is always true, and only the statements that repeat it
-- use these indexes: to others, which have a better one, they would look as good as long as the table has no statistics.
CREATE INDEX "span_pinned_dataset_idx" ON "span_pinned"("dataset", "start_at") WHERE length(dataset) > 0;
CREATE INDEX "nat_record_pinned_dataset_idx" ON "nat_record_pinned"("dataset", "at") WHERE length(dataset) > 0;
CREATE INDEX "dns_question_pinned_dataset_idx" ON "dns_question_pinned"("dataset", "at") WHERE length(dataset) > 0;

-- All pinned datasets share a partition: one of them is found by its name, oldest row first. Equal entries of an index share room.
CREATE INDEX "edge_bucket_15s_pinned_dataset_idx" ON "edge_bucket_15s_pinned"("dataset", "bucket_start") WHERE length(dataset) > 0;
CREATE INDEX "edge_bucket_1m_pinned_dataset_idx" ON "edge_bucket_1m_pinned"("dataset", "bucket_start") WHERE length(dataset) > 0;
CREATE INDEX "edge_bucket_1h_pinned_dataset_idx" ON "edge_bucket_1h_pinned"("dataset", "bucket_start") WHERE length(dataset) > 0;
CREATE INDEX "denial_seen_pinned_dataset_idx" ON "denial_seen_pinned"("dataset", "minute_at") WHERE length(dataset) > 0;
CREATE INDEX "flow_record_pinned_dataset_idx" ON "flow_record_pinned"("dataset", "start_at") WHERE length(dataset) > 0;
CREATE INDEX "flow_shape_pinned_dataset_idx" ON "flow_shape_pinned"("dataset", "day") WHERE length(dataset) > 0;
CREATE INDEX "flow_part_pinned_dataset_idx" ON "flow_part_pinned"("dataset", "day") WHERE length(dataset) > 0;
CREATE INDEX "judgement_history_pinned_dataset_idx" ON "judgement_history_pinned"("dataset", "first_at") WHERE length(dataset) > 0;
CREATE INDEX "egress_connection_pinned_dataset_idx" ON "egress_connection_pinned"("dataset", "cluster", "first_at", "id") WHERE length(dataset) > 0;
