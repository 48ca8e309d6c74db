-- CreateTable
CREATE TABLE "canary_probe" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "cluster" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "basis" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "canary_probe_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "canary_probe_cluster_namespace_at_idx" ON "canary_probe"("cluster", "namespace", "at" DESC);

-- CreateIndex
CREATE INDEX "canary_probe_cluster_namespace_node_at_idx" ON "canary_probe"("cluster", "namespace", "node", "at" DESC);

-- CreateIndex
CREATE INDEX "canary_probe_at_idx" ON "canary_probe"("at");

-- A token of a probe speaks for one namespace. NULL for all others.
ALTER TABLE "api_token" ADD COLUMN "namespace" TEXT;
