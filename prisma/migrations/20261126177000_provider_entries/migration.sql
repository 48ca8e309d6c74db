-- CreateTable
CREATE TABLE "provider_entry" (
    "id" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_entry_pkey" PRIMARY KEY ("id")
);
