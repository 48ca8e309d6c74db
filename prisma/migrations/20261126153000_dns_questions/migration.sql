-- DropIndex
DROP INDEX "egress_connection_dataset_cluster_client_ip_server_ip_first_idx";

-- AlterTable
ALTER TABLE "dns_name" DROP CONSTRAINT "dns_name_pkey",
ADD COLUMN     "origin" TEXT NOT NULL DEFAULT 'answer',
ADD CONSTRAINT "dns_name_pkey" PRIMARY KEY ("dataset", "cluster", "ip", "name", "client_namespace", "client_pod", "origin");

-- AlterTable
ALTER TABLE "egress_connection" ADD COLUMN     "from_nat" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "dns_question" (
    "dataset" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "client_ip" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "record_hash" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "family" INTEGER NOT NULL,

    CONSTRAINT "dns_question_pkey" PRIMARY KEY ("dataset","cluster","client_ip","at","record_hash")
);

-- CreateTable
CREATE TABLE "address_change" (
    "id" BIGSERIAL NOT NULL,
    "cluster" TEXT NOT NULL,
    "ip" TEXT NOT NULL,
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "to_at" TIMESTAMPTZ(3) NOT NULL,
    "cause" TEXT NOT NULL,

    CONSTRAINT "address_change_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "dns_question_at_idx" ON "dns_question"("at");

-- CreateIndex
CREATE INDEX "egress_connection_dataset_cluster_client_ip_server_ip_clien_idx" ON "egress_connection"("dataset", "cluster", "client_ip", "server_ip", "client_port", "first_at");

-- CreateIndex
CREATE INDEX "egress_connection_dataset_cluster_server_ip_first_at_idx" ON "egress_connection"("dataset", "cluster", "server_ip", "first_at");

-- CreateIndex
CREATE INDEX "egress_connection_dataset_cluster_client_ip_first_at_idx" ON "egress_connection"("dataset", "cluster", "client_ip", "first_at");

-- CreateIndex
CREATE INDEX "nat_record_dataset_cluster_original_ip_at_idx" ON "nat_record"("dataset", "cluster", "original_ip", "at");


-- Whoever writes leases need not know who waits for them: a lease that is new or changed puts its address into the queue.
-- 5 s on both sides: clocks of nodes and of the API server differ (nat-evidence §3.2).
CREATE FUNCTION pod_ip_lease_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO address_change (cluster, ip, from_at, to_at, cause)
  VALUES (NEW.cluster, NEW.ip, NEW.valid_from - interval '5 s', coalesce(NEW.valid_to + interval '5 s', 'infinity'), 'lease');
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO address_change (cluster, ip, from_at, to_at, cause)
    VALUES (OLD.cluster, OLD.ip, OLD.valid_from - interval '5 s', coalesce(OLD.valid_to + interval '5 s', 'infinity'), 'lease');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER pod_ip_lease_inserted AFTER INSERT ON pod_ip_lease FOR EACH ROW EXECUTE FUNCTION pod_ip_lease_changed();
CREATE TRIGGER pod_ip_lease_updated AFTER UPDATE ON pod_ip_lease FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
  EXECUTE FUNCTION pod_ip_lease_changed();
