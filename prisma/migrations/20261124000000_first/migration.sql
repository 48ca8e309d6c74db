-- The first schema. Written by `npm run migrate:diff`; the lines below the generated part are by hand.

-- CreateTable
CREATE TABLE "dataset" (
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "ingest_batch" (
    "body_sha256" BYTEA NOT NULL,
    "source" TEXT NOT NULL,
    "token_id" TEXT NOT NULL,
    "dataset" TEXT NOT NULL,
    "context" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "result" JSONB NOT NULL,

    CONSTRAINT "ingest_batch_pkey" PRIMARY KEY ("body_sha256","source","token_id","dataset","context")
);

-- CreateTable
CREATE TABLE "endpoint" (
    "id" BIGINT NOT NULL,
    "dataset" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "class" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "first_seen" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "endpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "endpoint_fact" (
    "endpoint_id" BIGINT NOT NULL,
    "workload_kind" TEXT,
    "service_account" TEXT,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "ai_role" TEXT,
    "ai_role_by" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "endpoint_fact_pkey" PRIMARY KEY ("endpoint_id")
);

-- CreateTable
CREATE TABLE "edge" (
    "id" BIGINT NOT NULL,
    "dataset" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "client_id" BIGINT NOT NULL,
    "server_id" BIGINT NOT NULL,
    "protocol" TEXT NOT NULL,
    "server_port" INTEGER NOT NULL,

    CONSTRAINT "edge_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_trace" (
    "id" BIGINT NOT NULL,
    "enforced" JSONB,
    "pending" JSONB,

    CONSTRAINT "policy_trace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "edge_variant" (
    "id" BIGINT NOT NULL,
    "edge_id" BIGINT NOT NULL,
    "source" TEXT NOT NULL,
    "observer" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "basis" TEXT NOT NULL,
    "pending" TEXT NOT NULL,
    "layer" TEXT NOT NULL,
    "drop_reason" TEXT NOT NULL,
    "trace_id" BIGINT NOT NULL,
    "repeats" BOOLEAN NOT NULL,

    CONSTRAINT "edge_variant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "edge_bucket" (
    "bucket_start" TIMESTAMPTZ(3) NOT NULL,
    "grain_s" INTEGER NOT NULL,
    "variant_id" BIGINT NOT NULL,
    "connections" BIGINT NOT NULL,
    "events" BIGINT NOT NULL,
    "requests" BIGINT NOT NULL,
    "request_errors" BIGINT NOT NULL,
    "bytes_sent" BIGINT NOT NULL,
    "bytes_received" BIGINT NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "edge_bucket_pkey" PRIMARY KEY ("bucket_start","grain_s","variant_id")
);

-- CreateTable
CREATE TABLE "flow_record" (
    "dataset" TEXT NOT NULL,
    "record_id" UUID NOT NULL,
    "edge_id" BIGINT NOT NULL,
    "variant_id" BIGINT NOT NULL,
    "source" TEXT NOT NULL,
    "start_at" TIMESTAMPTZ(6) NOT NULL,
    "end_at" TIMESTAMPTZ(6) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "flow" JSONB NOT NULL,

    CONSTRAINT "flow_record_pkey" PRIMARY KEY ("dataset","record_id")
);

-- CreateTable
CREATE TABLE "denial_seen" (
    "id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "denial_seen_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pod_owner" (
    "dataset" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "pod" TEXT NOT NULL,
    "workload" TEXT NOT NULL,
    "workload_kind" TEXT,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pod_owner_pkey" PRIMARY KEY ("dataset","cluster","namespace","pod")
);

-- CreateTable
CREATE TABLE "dns_name" (
    "dataset" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "ip" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "client_namespace" TEXT NOT NULL,
    "client_pod" TEXT NOT NULL,
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    "valid_to" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "dns_name_pkey" PRIMARY KEY ("dataset","cluster","ip","name","client_namespace","client_pod")
);

-- CreateTable
CREATE TABLE "span" (
    "dataset" TEXT NOT NULL,
    "trace_id" TEXT NOT NULL,
    "span_id" TEXT NOT NULL,
    "parent_span_id" TEXT,
    "edge_id" BIGINT,
    "counts_call" BOOLEAN NOT NULL,
    "counts_ai_call" BOOLEAN NOT NULL,
    "start_at" TIMESTAMPTZ(6) NOT NULL,
    "duration_ns" BIGINT NOT NULL,
    "is_error" BOOLEAN NOT NULL,
    "ai_provider" TEXT,
    "ai_model" TEXT,
    "input_tokens" BIGINT,
    "output_tokens" BIGINT,
    "refused" BOOLEAN NOT NULL DEFAULT false,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "span" JSONB NOT NULL,

    CONSTRAINT "span_pkey" PRIMARY KEY ("dataset","trace_id","span_id")
);

-- CreateTable
CREATE TABLE "nat_record" (
    "dataset" TEXT NOT NULL,
    "record_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "hop" TEXT NOT NULL,
    "protocol" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "end_at" TIMESTAMPTZ(6),
    "original_ip" TEXT NOT NULL,
    "original_port" INTEGER NOT NULL,
    "destination_ip" TEXT NOT NULL,
    "destination_port" INTEGER NOT NULL,
    "translated_ip" TEXT NOT NULL,
    "translated_port" INTEGER NOT NULL,
    "reply_source_ip" TEXT,
    "reply_source_port" INTEGER,
    "connection_id" TEXT,
    "trusted" BOOLEAN NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "raw" TEXT NOT NULL,

    CONSTRAINT "nat_record_pkey" PRIMARY KEY ("dataset","record_id")
);

-- CreateTable
CREATE TABLE "egress_connection" (
    "id" BIGINT NOT NULL,
    "dataset" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "edge_id" BIGINT NOT NULL,
    "protocol" TEXT NOT NULL,
    "client_ip" TEXT,
    "client_port" INTEGER,
    "server_ip" TEXT,
    "server_port" INTEGER NOT NULL,
    "first_at" TIMESTAMPTZ(6) NOT NULL,
    "last_at" TIMESTAMPTZ(6) NOT NULL,
    "weight" INTEGER NOT NULL,
    "blocked" BOOLEAN NOT NULL,
    "broken" BOOLEAN NOT NULL,
    "facts" JSONB NOT NULL,
    "state" TEXT,
    "reason" TEXT,
    "lean" TEXT,
    "observed_ip" TEXT,
    "judgement" JSONB,
    "judged_at" TIMESTAMPTZ(3),
    "dirty" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "egress_connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "judgement_history" (
    "connection_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "judgement" JSONB NOT NULL,

    CONSTRAINT "judgement_history_pkey" PRIMARY KEY ("connection_id","at")
);

-- CreateTable
CREATE TABLE "egress_entry" (
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "egress_entry_pkey" PRIMARY KEY ("kind","name")
);

-- CreateTable
CREATE TABLE "finding" (
    "id" UUID NOT NULL,
    "detector" TEXT NOT NULL,
    "dataset" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "edge_id" BIGINT NOT NULL,
    "status" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "workload" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "count" BIGINT NOT NULL,
    "first_seen" TIMESTAMPTZ(3) NOT NULL,
    "last_seen" TIMESTAMPTZ(3) NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "finding_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident" (
    "id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finding_id" UUID,
    "edge_id" BIGINT,
    "snapshot" JSONB NOT NULL,
    "sha256" BYTEA NOT NULL,

    CONSTRAINT "incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "share_link" (
    "id" UUID NOT NULL,
    "incident_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "views" INTEGER NOT NULL DEFAULT 0,
    "last_view_at" TIMESTAMPTZ(3),

    CONSTRAINT "share_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "cluster" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id_hash")
);

-- CreateTable
CREATE TABLE "source_minute" (
    "dataset" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "hop" TEXT NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "accepted" BIGINT NOT NULL,
    "duplicates" BIGINT NOT NULL,
    "rejected" BIGINT NOT NULL,
    "last_received" TIMESTAMPTZ(3) NOT NULL,
    "last_record" TIMESTAMPTZ(3),

    CONSTRAINT "source_minute_pkey" PRIMARY KEY ("dataset","source","cluster","hop","minute")
);

-- CreateTable
CREATE TABLE "gap" (
    "id" BIGINT NOT NULL,
    "dataset" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "end_at" TIMESTAMPTZ(3),
    "lost" BIGINT,

    CONSTRAINT "gap_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ingest_batch_received_at_idx" ON "ingest_batch"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "endpoint_dataset_cluster_class_namespace_name_key" ON "endpoint"("dataset", "cluster", "class", "namespace", "name");

-- CreateIndex
CREATE INDEX "edge_server_id_idx" ON "edge"("server_id");

-- CreateIndex
CREATE INDEX "edge_client_id_idx" ON "edge"("client_id");

-- CreateIndex
CREATE INDEX "edge_variant_edge_id_idx" ON "edge_variant"("edge_id");

-- CreateIndex
CREATE INDEX "edge_bucket_variant_id_bucket_start_idx" ON "edge_bucket"("variant_id", "bucket_start");

-- CreateIndex
CREATE INDEX "flow_record_edge_id_start_at_idx" ON "flow_record"("edge_id", "start_at" DESC);

-- CreateIndex
CREATE INDEX "flow_record_start_at_idx" ON "flow_record"("start_at");

-- CreateIndex
CREATE INDEX "denial_seen_at_idx" ON "denial_seen"("at");

-- CreateIndex
CREATE INDEX "span_edge_id_start_at_idx" ON "span"("edge_id", "start_at" DESC);

-- CreateIndex
CREATE INDEX "span_start_at_idx" ON "span"("start_at");

-- CreateIndex
CREATE INDEX "nat_record_dataset_cluster_destination_ip_original_ip_origi_idx" ON "nat_record"("dataset", "cluster", "destination_ip", "original_ip", "original_port", "at");

-- CreateIndex
CREATE INDEX "nat_record_dataset_cluster_destination_ip_translated_ip_tra_idx" ON "nat_record"("dataset", "cluster", "destination_ip", "translated_ip", "translated_port", "at");

-- CreateIndex
CREATE INDEX "nat_record_at_idx" ON "nat_record"("at");

-- CreateIndex
CREATE INDEX "egress_connection_edge_id_first_at_idx" ON "egress_connection"("edge_id", "first_at");

-- CreateIndex
CREATE INDEX "egress_connection_edge_id_client_ip_client_port_last_at_idx" ON "egress_connection"("edge_id", "client_ip", "client_port", "last_at");

-- CreateIndex
CREATE INDEX "egress_connection_dataset_cluster_client_ip_server_ip_first_idx" ON "egress_connection"("dataset", "cluster", "client_ip", "server_ip", "first_at");

-- CreateIndex
CREATE INDEX "egress_connection_dirty_first_at_idx" ON "egress_connection"("dirty", "first_at");

-- CreateIndex
CREATE INDEX "finding_status_last_seen_idx" ON "finding"("status", "last_seen");

-- CreateIndex
CREATE UNIQUE INDEX "finding_detector_edge_id_key" ON "finding"("detector", "edge_id");

-- CreateIndex
CREATE INDEX "incident_created_at_idx" ON "incident"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "share_link_token_hash_key" ON "share_link"("token_hash");

-- CreateIndex
CREATE INDEX "share_link_incident_id_idx" ON "share_link"("incident_id");

-- CreateIndex
CREATE INDEX "session_expires_at_idx" ON "session"("expires_at");

-- CreateIndex
CREATE INDEX "source_minute_minute_idx" ON "source_minute"("minute");

-- CreateIndex
CREATE INDEX "gap_dataset_at_idx" ON "gap"("dataset", "at");

-- AddForeignKey
ALTER TABLE "share_link" ADD CONSTRAINT "share_link_incident_id_fkey" FOREIGN KEY ("incident_id") REFERENCES "incident"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- By hand: what the schema language cannot say.

-- Grows with every commit that can change a graph; sent in notifications and answered to readers.
CREATE SEQUENCE "graph_revision";

-- Live buckets are updated in place many times: leave room on the page, so that updates stay heap-only.
ALTER TABLE "edge_bucket" SET (fillfactor = 80);
ALTER TABLE "egress_connection" SET (fillfactor = 80);
ALTER TABLE "source_minute" SET (fillfactor = 50);

INSERT INTO "dataset" ("name") VALUES ('');
