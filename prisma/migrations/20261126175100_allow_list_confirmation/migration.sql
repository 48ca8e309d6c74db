-- CreateTable
CREATE TABLE "allow_list_confirmation" (
    "provider_id" TEXT NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_by" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "addresses" TEXT[],

    CONSTRAINT "allow_list_confirmation_pkey" PRIMARY KEY ("provider_id")
);
