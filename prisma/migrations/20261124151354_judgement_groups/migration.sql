-- AlterTable
ALTER TABLE "egress_connection" ADD COLUMN     "group_id" BIGINT;

-- CreateTable
CREATE TABLE "judgement_group" (
    "id" BIGINT NOT NULL,
    "body" JSONB NOT NULL,

    CONSTRAINT "judgement_group_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "egress_connection_judged_at_edge_id_idx" ON "egress_connection"("judged_at", "edge_id");

-- What was judged before is judged again: only then does it have a group.
UPDATE "egress_connection" SET "dirty" = true WHERE "judgement" IS NOT NULL AND NOT "dirty";
