-- DropIndex
DROP INDEX "nat_record_dataset_cluster_destination_ip_translated_ip_tra_idx";

-- AlterTable
ALTER TABLE "nat_record" ADD COLUMN     "destination_host" TEXT,
ADD COLUMN     "principal" TEXT,
ALTER COLUMN "protocol" DROP NOT NULL,
ALTER COLUMN "original_ip" DROP NOT NULL,
ALTER COLUMN "original_port" DROP NOT NULL,
ALTER COLUMN "destination_ip" DROP NOT NULL,
ALTER COLUMN "destination_port" DROP NOT NULL,
ALTER COLUMN "translated_port" DROP NOT NULL;

-- CreateIndex
CREATE INDEX "nat_record_dataset_cluster_destination_ip_translated_ip_at_idx" ON "nat_record"("dataset", "cluster", "destination_ip", "translated_ip", "at");

-- CreateIndex
CREATE INDEX "nat_record_dataset_cluster_destination_host_at_idx" ON "nat_record"("dataset", "cluster", "destination_host", "at");
