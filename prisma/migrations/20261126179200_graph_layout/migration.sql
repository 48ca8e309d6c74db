-- CreateTable
CREATE TABLE "graph_layout" (
    "dataset" TEXT NOT NULL,
    "view_key" TEXT NOT NULL,
    "nodes" JSONB NOT NULL,
    "routes" JSONB NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "graph_layout_pkey" PRIMARY KEY ("dataset","view_key")
);

-- CreateIndex
CREATE INDEX "graph_layout_used_at_idx" ON "graph_layout"("used_at");

