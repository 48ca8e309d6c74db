-- Rows of the version before have an edge and no is_current: lib/store/adopt-old-findings.ts makes them over.
-- AlterTable
ALTER TABLE "finding" ADD COLUMN     "accepted_at" TIMESTAMPTZ(3),
ADD COLUMN     "accepted_by" TEXT,
ADD COLUMN     "accepted_reason" TEXT,
ADD COLUMN     "accepted_until" TIMESTAMPTZ(3),
ADD COLUMN     "acknowledged_at" TIMESTAMPTZ(3),
ADD COLUMN     "acknowledged_by" TEXT,
ADD COLUMN     "assignee" TEXT,
ADD COLUMN     "case_id" UUID,
ADD COLUMN     "cause" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "certainty" TEXT NOT NULL DEFAULT 'fact',
ADD COLUMN     "disproof" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "edge_ids" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
ADD COLUMN     "facts" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "is_case_chosen" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "is_current" BOOLEAN,
ADD COLUMN     "opened_at" TIMESTAMPTZ(3),
ADD COLUMN     "tally" JSONB NOT NULL DEFAULT '{}',
ALTER COLUMN "edge_id" DROP NOT NULL;

-- AlterTable
ALTER TABLE "incident" ADD COLUMN     "case_id" UUID;

-- CreateTable
CREATE TABLE "finding_event" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "dataset" TEXT NOT NULL,
    "finding_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "position" SMALLINT NOT NULL,
    "actor" TEXT NOT NULL,
    "detail" JSONB NOT NULL,

    CONSTRAINT "finding_event_pkey" PRIMARY KEY ("dataset","id")
);

-- CreateTable
CREATE TABLE "incident_case" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "dataset" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "owner" TEXT,
    "status" TEXT NOT NULL,
    "opened_by" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),
    "resolved_reason" TEXT,

    CONSTRAINT "incident_case_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "case_event" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "dataset" TEXT NOT NULL,
    "case_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "position" SMALLINT NOT NULL,
    "actor" TEXT NOT NULL,
    "detail" JSONB NOT NULL,

    CONSTRAINT "case_event_pkey" PRIMARY KEY ("dataset","id")
);

-- CreateTable
CREATE TABLE "detector_state" (
    "dataset" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "detector" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "missing" TEXT[],
    "until" TIMESTAMPTZ(3),
    "checked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "detector_state_pkey" PRIMARY KEY ("dataset","cluster","detector")
);

-- CreateIndex
CREATE INDEX "finding_event_finding_id_at_idx" ON "finding_event"("finding_id", "at");

-- CreateIndex
CREATE INDEX "incident_case_dataset_cluster_cause_idx" ON "incident_case"("dataset", "cluster", "cause");

-- CreateIndex
CREATE INDEX "incident_case_status_opened_at_idx" ON "incident_case"("status", "opened_at");

-- CreateIndex
CREATE INDEX "incident_case_dataset_id_idx" ON "incident_case"("dataset", "id") WHERE dataset <> '';

-- CreateIndex
CREATE INDEX "case_event_case_id_at_idx" ON "case_event"("case_id", "at");

-- CreateIndex
CREATE INDEX "incident_case_id_idx" ON "incident"("case_id");

