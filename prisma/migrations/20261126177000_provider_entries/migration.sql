-- CreateTable
CREATE TABLE "provider_entry" (
    "id" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "allow_list_confirmation" (
    "provider_id" TEXT NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmed_by" TEXT NOT NULL,
    "addresses" TEXT[],

    CONSTRAINT "allow_list_confirmation_pkey" PRIMARY KEY ("provider_id")
);
