-- CreateTable
CREATE TABLE "short_link" (
    "code" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "path_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "short_link_pkey" PRIMARY KEY ("code")
);

-- CreateIndex
CREATE UNIQUE INDEX "short_link_path_hash_key" ON "short_link"("path_hash");

-- CreateIndex
CREATE INDEX "short_link_last_used_at_idx" ON "short_link"("last_used_at");
