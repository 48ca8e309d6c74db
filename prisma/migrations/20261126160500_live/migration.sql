-- CreateTable
-- By hand: unlogged. What it holds concerns connections that a crash ends too.
CREATE UNLOGGED TABLE "graph_change" (
    "xid" BIGINT NOT NULL,
    "revision" BIGINT NOT NULL,
    "datasets" TEXT[],
    "clusters" TEXT[],
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "graph_change_pkey" PRIMARY KEY ("xid","revision")
);
