-- AlterTable
ALTER TABLE "flow_record" ADD COLUMN     "family" BIGINT;

-- CreateIndex: records that repeat others, or have no family (Hubble's), are no part of it.
CREATE INDEX "flow_record_family_idx" ON "flow_record"("family") WHERE "family" IS NOT NULL;
