-- CreateTable
CREATE TABLE "source_reject" (
    "dataset" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "hop" TEXT NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "source_reject_pkey" PRIMARY KEY ("dataset","source","cluster","hop","minute","reason")
);

-- CreateTable
CREATE TABLE "collector" (
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "status" JSONB NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "cursor" JSONB,

    CONSTRAINT "collector_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "seen_record" (
    "collector" TEXT NOT NULL,
    "hash" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "seen_record_pkey" PRIMARY KEY ("collector","hash")
);

-- CreateTable
CREATE TABLE "pod_ip_lease" (
    "cluster" TEXT NOT NULL,
    "ip" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "pod" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "workload" TEXT NOT NULL,
    "workload_kind" TEXT,
    "node" TEXT,
    "host_network" BOOLEAN NOT NULL,
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    "valid_to" TIMESTAMPTZ(3),

    CONSTRAINT "pod_ip_lease_pkey" PRIMARY KEY ("cluster","ip","uid","valid_from")
);

-- CreateIndex
CREATE INDEX "source_reject_minute_idx" ON "source_reject"("minute");

-- CreateIndex
CREATE INDEX "seen_record_collector_at_idx" ON "seen_record"("collector", "at");

-- CreateIndex
CREATE INDEX "pod_ip_lease_cluster_namespace_pod_idx" ON "pod_ip_lease"("cluster", "namespace", "pod");

