-- AlterTable
ALTER TABLE "span" ADD COLUMN     "cluster" TEXT,
ADD COLUMN     "database" TEXT,
ADD COLUMN     "endpoint_id" BIGINT,
ADD COLUMN     "has_failed" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "named_edge_id" BIGINT,
ADD COLUMN     "received_edge_id" BIGINT,
ADD COLUMN     "settle_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "span_bridge" (
    "dataset" TEXT NOT NULL,
    "trace_id" TEXT NOT NULL,
    "span_id" TEXT NOT NULL,
    "parent_span_id" TEXT,
    "kind" TEXT NOT NULL,
    "emitter" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "endpoint_id" BIGINT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "span_bridge_pkey" PRIMARY KEY ("dataset","trace_id","span_id")
);

-- CreateIndex
CREATE INDEX "span_bridge_received_at_idx" ON "span_bridge"("received_at");

-- CreateIndex
CREATE INDEX "span_received_edge_id_start_at_idx" ON "span"("received_edge_id", "start_at" DESC) WHERE "received_edge_id" IS NOT NULL;

-- CreateIndex
CREATE INDEX "span_trace_id_parent_span_id_idx" ON "span"("trace_id", "parent_span_id") WHERE "parent_span_id" IS NOT NULL;

-- CreateIndex
CREATE INDEX "span_settle_at_idx" ON "span"("settle_at") WHERE "settle_at" IS NOT NULL;

-- Spans of before take part in their traces as far as their own edge tells who they are.
UPDATE "span" SET "has_failed" = "is_error" WHERE "is_error";
UPDATE "span" s SET "cluster" = e."cluster", "endpoint_id" = e."client_id", "named_edge_id" = CASE WHEN s."span" ? 'peer' THEN e."id" END
FROM "edge" e WHERE e."id" = s."edge_id";
