-- Questions partitioned by hour (lib/store/partitions.ts): they are kept for hours only.
ALTER TABLE "dns_question" RENAME TO "dns_question_old";
ALTER TABLE "dns_question_old" DROP CONSTRAINT "dns_question_pkey";
DROP INDEX "dns_question_at_idx";

CREATE TABLE "dns_question" (
    "dataset" TEXT COLLATE "C" NOT NULL,
    "cluster" TEXT NOT NULL,
    "client_ip" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "record_hash" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "family" INTEGER NOT NULL,
    CONSTRAINT "dns_question_pkey" PRIMARY KEY ("client_ip", "at", "record_hash", "cluster", "dataset")
) PARTITION BY RANGE ("dataset", "at");

CREATE TABLE "dns_question_pinned" PARTITION OF "dns_question" FOR VALUES FROM (E'\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);

-- Partitions for what is there already, of the width in lib/store/partitions.ts, under the names that it gives them.
DO $$
DECLARE
    part RECORD;
BEGIN
    FOR part IN
        SELECT DISTINCT to_timestamp(floor(extract(epoch FROM at) / 3600) * 3600) AS start FROM dns_question_old WHERE dataset = ''
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF dns_question FOR VALUES FROM ('''', %L) TO ('''', %L)',
            'dns_question' || to_char(part.start AT TIME ZONE 'UTC', '"_p"YYYYMMDDHH24'), part.start, part.start + interval '1 hour');
    END LOOP;
END $$;

INSERT INTO "dns_question" (dataset, cluster, client_ip, at, record_hash, name, family)
SELECT dataset, cluster, client_ip, at, record_hash, name, family FROM "dns_question_old";
DROP TABLE "dns_question_old";
