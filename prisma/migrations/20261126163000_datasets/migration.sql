-- A pinned dataset may have a title, and may be on its way out.
ALTER TABLE "dataset" ADD COLUMN "title" TEXT, ADD COLUMN "deleting_at" TIMESTAMPTZ(3);

-- What is deleted with a dataset is found by its name. Partial: live rows, which are many and never deleted so, have no entry.
CREATE INDEX "edge_dataset_id_idx" ON "edge"("dataset", "id") WHERE dataset <> '';
CREATE INDEX "finding_dataset_id_idx" ON "finding"("dataset", "id") WHERE dataset <> '';
