-- NAT records partitioned by when their connection began (lib/store/partitions.ts), as the connections are.
ALTER TABLE "nat_record" RENAME TO "nat_record_old";
ALTER TABLE "nat_record_old" DROP CONSTRAINT "nat_record_pkey";
DROP INDEX "nat_record_dataset_cluster_destination_ip_original_ip_origi_idx";
DROP INDEX "nat_record_dataset_cluster_destination_ip_translated_ip_at_idx";
DROP INDEX "nat_record_dataset_cluster_destination_host_at_idx";
DROP INDEX "nat_record_dataset_cluster_original_ip_at_idx";
DROP INDEX "nat_record_at_idx";

CREATE TABLE "nat_record" (
    "dataset" TEXT COLLATE "C" NOT NULL,
    "record_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "hop" TEXT NOT NULL,
    "protocol" TEXT,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "end_at" TIMESTAMPTZ(6),
    "original_ip" TEXT,
    "original_port" INTEGER,
    "destination_ip" TEXT,
    "destination_port" INTEGER,
    "destination_host" TEXT,
    "principal" TEXT,
    "translated_ip" TEXT NOT NULL,
    "translated_port" INTEGER,
    "reply_source_ip" TEXT,
    "reply_source_port" INTEGER,
    "connection_id" TEXT,
    "trusted" BOOLEAN NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "raw" TEXT NOT NULL,
    CONSTRAINT "nat_record_pkey" PRIMARY KEY ("record_id", "at", "dataset")
) PARTITION BY RANGE ("dataset", "at");

CREATE TABLE "nat_record_pinned" PARTITION OF "nat_record" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);

-- Partitions for what is there already, of the width in lib/store/partitions.ts, under the names that it gives them.
DO $$
DECLARE
    part RECORD;
BEGIN
    FOR part IN
        SELECT DISTINCT to_timestamp(floor(extract(epoch FROM at) / 21600) * 21600) AS start FROM nat_record_old WHERE dataset = ''
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF nat_record FOR VALUES FROM ('''', %L) TO ('''', %L)',
            'nat_record' || to_char(part.start AT TIME ZONE 'UTC', '"_p"YYYYMMDDHH24'), part.start, part.start + interval '6 hours');
    END LOOP;
END $$;

INSERT INTO "nat_record" (dataset, record_id, source, cluster, hop, protocol, at, end_at, original_ip, original_port, destination_ip, destination_port,
    destination_host, principal, translated_ip, translated_port, reply_source_ip, reply_source_port, connection_id, trusted, received_at, raw)
SELECT dataset, record_id, source, cluster, hop, protocol, at, end_at, original_ip, original_port, destination_ip, destination_port,
    destination_host, principal, translated_ip, translated_port, reply_source_ip, reply_source_port, connection_id, trusted, received_at, raw
FROM "nat_record_old";

CREATE INDEX "nat_record_destination_ip_original_ip_original_port_at_idx" ON "nat_record"("destination_ip", "original_ip", "original_port", "at");
CREATE INDEX "nat_record_destination_ip_translated_ip_at_idx" ON "nat_record"("destination_ip", "translated_ip", "at");
-- Only audits have one.
CREATE INDEX "nat_record_destination_host_at_idx" ON "nat_record"("destination_host", "at") WHERE "destination_host" IS NOT NULL;
-- In a collation that only statements about an address alone ask in: those about tuples cannot take it for theirs.
CREATE INDEX "nat_record_original_ip_at_idx" ON "nat_record"("original_ip" COLLATE "C", "at");

DROP TABLE "nat_record_old";
