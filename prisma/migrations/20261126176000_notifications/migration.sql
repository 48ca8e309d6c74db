-- AlterTable
ALTER TABLE "session" ADD COLUMN     "name" TEXT;

-- CreateTable
CREATE TABLE "notification_channel" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "secret" TEXT,
    "shown_url" TEXT NOT NULL,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "min_severity" TEXT NOT NULL,
    "detectors" TEXT[],
    "clusters" TEXT[],
    "with_possible" BOOLEAN NOT NULL,
    "send_resolved" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "dropped" BIGINT NOT NULL DEFAULT 0,
    "dropped_at" TIMESTAMPTZ(3),
    "repeat_problem" TEXT,

    CONSTRAINT "notification_channel_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_told" (
    "channel_id" UUID NOT NULL,
    "finding_id" UUID NOT NULL,
    "is_firing" BOOLEAN NOT NULL,
    "severity" TEXT NOT NULL,
    "episode" INTEGER NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "finding" JSONB NOT NULL,
    "repeat_at" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notification_told_pkey" PRIMARY KEY ("channel_id","finding_id")
);

-- CreateTable
CREATE TABLE "notification_event" (
    "id" BIGSERIAL NOT NULL,
    "channel_id" UUID NOT NULL,
    "finding_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "before" TEXT,
    "finding" JSONB NOT NULL,
    "delivery_id" UUID,

    CONSTRAINT "notification_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_delivery" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "channel_id" UUID NOT NULL,
    "is_test" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL,
    "what" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "next_at" TIMESTAMPTZ(3),
    "done_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_status" INTEGER,
    "last_ms" INTEGER,
    "last_answer" TEXT,

    CONSTRAINT "notification_delivery_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "notification_channel_name_key" ON "notification_channel"("name");

-- CreateIndex
CREATE INDEX "notification_told_channel_id_repeat_at_idx" ON "notification_told"("channel_id", "repeat_at");

-- CreateIndex
CREATE INDEX "notification_told_changed_at_idx" ON "notification_told"("changed_at");

-- CreateIndex
CREATE INDEX "notification_event_channel_id_delivery_id_id_idx" ON "notification_event"("channel_id", "delivery_id", "id");

-- CreateIndex
CREATE INDEX "notification_event_delivery_id_idx" ON "notification_event"("delivery_id");

-- CreateIndex
CREATE UNIQUE INDEX "notification_event_channel_id_dedupe_key_key" ON "notification_event"("channel_id", "dedupe_key");

-- CreateIndex
CREATE INDEX "notification_delivery_channel_id_created_at_idx" ON "notification_delivery"("channel_id", "created_at");

-- CreateIndex
CREATE INDEX "notification_delivery_channel_id_next_at_idx" ON "notification_delivery"("channel_id", "next_at");

-- AddForeignKey
ALTER TABLE "notification_told" ADD CONSTRAINT "notification_told_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "notification_channel"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_event" ADD CONSTRAINT "notification_event_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "notification_channel"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_event" ADD CONSTRAINT "notification_event_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "notification_delivery"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_delivery" ADD CONSTRAINT "notification_delivery_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "notification_channel"("id") ON DELETE CASCADE ON UPDATE CASCADE;

