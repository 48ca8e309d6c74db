-- CreateTable
CREATE TABLE "edge_first_seen" (
    "edge_id" BIGINT NOT NULL,
    "cluster" TEXT NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "noted_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "edge_first_seen_pkey" PRIMARY KEY ("edge_id")
);

-- CreateIndex
CREATE INDEX "edge_first_seen_cluster_noted_at_idx" ON "edge_first_seen"("cluster", "noted_at");

-- CreateIndex
CREATE INDEX "edge_first_seen_last_at_idx" ON "edge_first_seen"("last_at");
