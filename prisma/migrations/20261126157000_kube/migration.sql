-- CreateTable
CREATE TABLE "inventory_object" (
    "cluster" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "resource_version" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3),
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    "valid_to" TIMESTAMPTZ(3),
    "hash" BIGINT NOT NULL,
    "body" JSONB,

    CONSTRAINT "inventory_object_pkey" PRIMARY KEY ("cluster","kind","namespace","tier","name","valid_from")
);

-- CreateTable
CREATE TABLE "inventory_sync" (
    "cluster" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "synced_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "inventory_sync_pkey" PRIMARY KEY ("cluster","kind")
);

-- CreateIndex
CREATE INDEX "pod_ip_lease_cluster_uid_idx" ON "pod_ip_lease"("cluster", "uid");

-- CreateIndex
CREATE INDEX "pod_ip_lease_cluster_valid_to_idx" ON "pod_ip_lease"("cluster", "valid_to");

-- CreateIndex
CREATE INDEX "inventory_object_cluster_kind_valid_to_idx" ON "inventory_object"("cluster", "kind", "valid_to");

-- CreateIndex
CREATE INDEX "inventory_object_valid_to_idx" ON "inventory_object"("valid_to");
