-- Connections and their judgements, partitioned by when the connection began. Live data ('' = the live dataset) gets its
-- partitions on demand (lib/store/partitions.ts); the rows of all pinned datasets stay in one partition per table, which no
-- retention drops.
ALTER TABLE "egress_connection" RENAME TO "egress_connection_old";
ALTER TABLE "egress_connection_old" DROP CONSTRAINT "egress_connection_pkey";
DROP INDEX "egress_connection_edge_id_first_at_idx";
DROP INDEX "egress_connection_edge_id_client_ip_client_port_last_at_idx";
DROP INDEX "egress_connection_dataset_cluster_client_ip_server_ip_clien_idx";
DROP INDEX "egress_connection_dataset_cluster_server_ip_first_at_idx";
DROP INDEX "egress_connection_dataset_cluster_client_ip_first_at_idx";
DROP INDEX "egress_connection_dirty_first_at_idx";
DROP INDEX "egress_connection_judged_at_edge_id_idx";
ALTER TABLE "judgement_history" RENAME TO "judgement_history_old";
ALTER TABLE "judgement_history_old" DROP CONSTRAINT "judgement_history_pkey";

CREATE TABLE "egress_connection" (
    "id" BIGINT NOT NULL,
    "dataset" TEXT COLLATE "C" NOT NULL,
    "cluster" TEXT NOT NULL,
    "edge_id" BIGINT NOT NULL,
    "protocol" TEXT NOT NULL,
    "client_ip" TEXT,
    "client_port" INTEGER,
    "server_ip" TEXT,
    "server_port" INTEGER NOT NULL,
    "first_at" TIMESTAMPTZ(6) NOT NULL,
    "last_at" TIMESTAMPTZ(6) NOT NULL,
    "weight" INTEGER NOT NULL,
    "blocked" BOOLEAN NOT NULL,
    "broken" BOOLEAN NOT NULL,
    "facts" JSONB NOT NULL,
    "state" TEXT,
    "reason" TEXT,
    "lean" TEXT,
    "observed_ip" TEXT,
    "judgement" JSONB,
    "judged_at" TIMESTAMPTZ(3),
    "group_id" BIGINT,
    "dirty" BOOLEAN NOT NULL DEFAULT true,
    "from_nat" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "egress_connection_pkey" PRIMARY KEY ("id", "first_at", "dataset")
) PARTITION BY RANGE ("dataset", "first_at");

CREATE TABLE "judgement_history" (
    "connection_id" BIGINT NOT NULL,
    "first_at" TIMESTAMPTZ(6) NOT NULL,
    "dataset" TEXT COLLATE "C" NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "judgement" JSONB NOT NULL,
    CONSTRAINT "judgement_history_pkey" PRIMARY KEY ("connection_id", "first_at", "at", "dataset")
) PARTITION BY RANGE ("dataset", "first_at");

CREATE TABLE "egress_connection_pinned" PARTITION OF "egress_connection" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE) WITH (fillfactor = 80);
CREATE TABLE "judgement_history_pinned" PARTITION OF "judgement_history" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);

-- Partitions for what is there already, of the widths in lib/store/partitions.ts, under the names that it gives them.
DO $$
DECLARE
    part RECORD;
BEGIN
    FOR part IN
        SELECT DISTINCT to_timestamp(floor(extract(epoch FROM first_at) / 21600) * 21600) AS start FROM egress_connection_old WHERE dataset = ''
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF egress_connection FOR VALUES FROM ('''', %L) TO ('''', %L) WITH (fillfactor = 80)',
            'egress_connection' || to_char(part.start AT TIME ZONE 'UTC', '"_p"YYYYMMDDHH24'), part.start, part.start + interval '6 hours');
        EXECUTE format('CREATE TABLE %I PARTITION OF judgement_history FOR VALUES FROM ('''', %L) TO ('''', %L)',
            'judgement_history' || to_char(part.start AT TIME ZONE 'UTC', '"_p"YYYYMMDDHH24'), part.start, part.start + interval '6 hours');
    END LOOP;
END $$;

INSERT INTO "egress_connection" (id, dataset, cluster, edge_id, protocol, client_ip, client_port, server_ip, server_port, first_at, last_at,
    weight, blocked, broken, facts, state, reason, lean, observed_ip, judgement, judged_at, group_id, dirty, from_nat)
SELECT id, dataset, cluster, edge_id, protocol, client_ip, client_port, server_ip, server_port, first_at, last_at,
    weight, blocked, broken, facts, state, reason, lean, observed_ip, judgement, judged_at, group_id, dirty, from_nat
FROM "egress_connection_old";

INSERT INTO "judgement_history" (connection_id, first_at, dataset, at, judgement)
SELECT h.connection_id, c.first_at, c.dataset, h.at, h.judgement FROM "judgement_history_old" h JOIN "egress_connection_old" c ON c.id = h.connection_id;

-- The same lookups by fewer indexes: of an edge, of a tuple, of a client, of a server, and what waits. Without dataset and cluster: a
-- partition has few of either, and one without statistics would look as if these two alone found a row. For the same reason the
-- index of a client has a collation that only statements about clients ask in: those about tuples cannot take it for theirs.
CREATE INDEX "egress_connection_edge_id_last_at_idx" ON "egress_connection"("edge_id", "last_at");
CREATE INDEX "egress_connection_client_ip_server_ip_client_port_first_at_idx" ON "egress_connection"("client_ip", "server_ip", "client_port", "first_at");
CREATE INDEX "egress_connection_client_ip_first_at_idx" ON "egress_connection"("client_ip" COLLATE "C", "first_at");
-- Only what NAT records alone tell of: looked for with every flow record, and few.
CREATE INDEX "egress_connection_from_nat_idx" ON "egress_connection"("client_ip" COLLATE "C", "first_at") WHERE "from_nat";
CREATE INDEX "egress_connection_server_ip_last_at_idx" ON "egress_connection"("server_ip", "last_at");
-- Only what waits: Prisma cannot say that it is partial.
CREATE INDEX "egress_connection_first_at_idx" ON "egress_connection"("first_at") WHERE "dirty";

-- Which edges have judged connections, in place of an index over all connections.
CREATE TABLE "judged_edge" (
    "dataset" TEXT NOT NULL,
    "edge_id" BIGINT NOT NULL,
    "judged_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "judged_edge_pkey" PRIMARY KEY ("dataset", "edge_id")
) WITH (fillfactor = 50);
INSERT INTO "judged_edge" (dataset, edge_id, judged_at)
SELECT dataset, edge_id, max(judged_at) FROM "egress_connection_old" WHERE group_id IS NOT NULL GROUP BY dataset, edge_id;

-- What retention dropped of judged connections, added up: findings count it on.
CREATE TABLE "judged_past" (
    "dataset" TEXT NOT NULL,
    "edge_id" BIGINT NOT NULL,
    "group_id" BIGINT NOT NULL,
    "weight" BIGINT NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "judged_past_pkey" PRIMARY KEY ("dataset", "edge_id", "group_id")
);

DROP TABLE "judgement_history_old";
DROP TABLE "egress_connection_old";
