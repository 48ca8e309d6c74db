import 'server-only'
import type { AuditBounds } from '@/lib/egress/join-audit-records'
import { MAX_CANDIDATES, MAX_HOPS, type NatCandidateBounds, type StoredNatRecord } from '@/lib/egress/nat-candidates'
import { HOUR_MS } from '@/lib/model/units'
import type { Queryable } from './client'

const COLUMNS = `n.record_id::text AS id, n.record_id::text AS "recordKey", n.source, n.cluster, n.hop, n.protocol,
  (extract(epoch FROM n.at) * 1000)::float8 AS "atMs", (extract(epoch FROM n.end_at) * 1000)::float8 AS "endMs",
  n.original_ip AS "originalIp", n.original_port AS "originalPort", n.destination_ip AS "destinationIp",
  n.destination_port AS "destinationPort", n.destination_host AS "destinationHost", n.principal, n.translated_ip AS "translatedIp",
  n.translated_port AS "translatedPort", n.connection_id AS "connectionId", n.reply_source_ip AS "replySourceIp",
  n.reply_source_port AS "replySourcePort", n.trusted, n.raw`

/** Conditions that every candidate meets; times by which a record without port, which is of a window, is found. */
const WITHIN = `n.dataset = $1 AND n.cluster = $2 AND n.destination_ip = $3 AND (n.destination_port IS NULL OR n.destination_port = $5)
  AND (n.protocol IS NULL OR n.protocol = $6) AND n.at <= to_timestamp($8::float8 / 1000) AND coalesce(n.end_at, n.at) >= to_timestamp($9::float8 / 1000)`
const SINCE = 'n.at >= to_timestamp($7::float8 / 1000)'
const WINDOW_SINCE = `n.at >= to_timestamp(($9::float8 - ${HOUR_MS}) / 1000)`
const HOP = 'SELECT n.record_id AS id, n.at, n.translated_ip AS ip, n.translated_port AS port FROM nat_record n WHERE'

/** Records of the hops of a connection that meet a condition, as a recursive table. */
const chain = (name: string, only: string): string => `${name}(id, at, ip, port, depth) AS (
  SELECT f.id, f.at, f.ip, f.port, 1 FROM (
    ${HOP} ${WITHIN} AND ${only} AND ${SINCE} AND n.original_ip = $4 AND n.original_port = $13
    UNION ALL ${HOP} ${WITHIN} AND ${only} AND ${SINCE} AND n.original_ip = $4 AND $13::int IS NULL AND n.original_port IS NOT NULL
    UNION ALL ${HOP} ${WITHIN} AND ${only} AND ${WINDOW_SINCE} AND n.original_ip = $4 AND n.original_port IS NULL) f
  UNION
  SELECT f.id, f.at, f.ip, f.port, h.depth + 1 FROM ${name} h CROSS JOIN LATERAL (
    ${HOP} ${WITHIN} AND ${only} AND ${SINCE} AND n.original_ip = h.ip AND n.original_port = h.port
    UNION ALL ${HOP} ${WITHIN} AND ${only} AND ${WINDOW_SINCE} AND n.original_ip = h.ip AND n.original_port IS NULL) f
  WHERE h.depth < $10)`
/** Each record stands at most once per depth: so many rows hold more records than are wanted, or all. */
const firstOf = (name: string): string =>
  `(SELECT DISTINCT id, at FROM (SELECT id, at FROM ${name} LIMIT $12) AS found LIMIT $11)`
const CANDIDATES = `WITH RECURSIVE ${chain('sure', 'n.trusted')}, ${chain('any_hop', 'true')},
  one AS (${firstOf('sure')} UNION ${firstOf('any_hop')})
  SELECT ${COLUMNS} FROM one CROSS JOIN LATERAL (
    SELECT * FROM nat_record n WHERE n.dataset = $1 AND n.record_id = one.id AND n.at = one.at LIMIT 1) n`

/**
 * NAT records within the bounds of a join: those from the connection's own address, and, hop by hop, those from what a
 * record before them translated to, by its port, or without one. One more than `MAX_CANDIDATES` where there are more, so that
 * the join can tell. Trusted ones are looked for by themselves, so that no number of others can hide them. Index: nat_record (destination ip, original
 * ip, original port, at), in the partitions of the bounds: a day, for what lives long.
 */
export async function loadNatCandidates(
  client: Queryable,
  dataset: string,
  bounds: NatCandidateBounds,
): Promise<StoredNatRecord[]> {
  // Named, so that it is planned once for the hundreds of connections of a batch, not for each.
  const { rows } = await client.query<Row>({
    name: 'nat-candidates',
    text: CANDIDATES,
    values: [
      dataset,
      bounds.cluster,
      bounds.destinationIp,
      bounds.clientIp,
      bounds.destinationPort,
      bounds.protocol,
      bounds.atFromMs,
      bounds.atToMs,
      bounds.endFromMs,
      MAX_HOPS,
      MAX_CANDIDATES + 1,
      (MAX_CANDIDATES + 1) * MAX_HOPS,
      bounds.clientPort ?? null,
    ],
  })
  return rows.map(recordOf)
}

/** Providers' records of callers within the bounds of a join; one more than `MAX_CANDIDATES` where there are more. Index (destination host, at). */
export async function loadAuditCandidates(
  client: Queryable,
  dataset: string,
  bounds: AuditBounds,
): Promise<StoredNatRecord[]> {
  const { rows } = await client.query<Row>(
    `SELECT ${COLUMNS} FROM nat_record n WHERE n.dataset = $1 AND n.cluster = $2 AND n.destination_host = ANY($3::text[])
       AND n.at BETWEEN to_timestamp($4::float8 / 1000) AND to_timestamp($5::float8 / 1000)
       AND EXISTS (SELECT 1 FROM unnest($6::text[]) AS p(name)
         WHERE CASE WHEN right(p.name, 1) = '*' THEN starts_with(n.principal, left(p.name, -1)) ELSE n.principal = p.name END)
     ORDER BY n.trusted DESC, n.at DESC LIMIT $7`,
    [dataset, bounds.cluster, bounds.hosts, bounds.fromMs, bounds.toMs, bounds.principals, MAX_CANDIDATES + 1],
  )
  return rows.map(recordOf)
}

type Told = 'id' | 'recordKey' | 'source' | 'cluster' | 'hop' | 'atMs' | 'translatedIp' | 'trusted' | 'raw'
type Untold = Required<Omit<StoredNatRecord, Told>>
type Row = Pick<StoredNatRecord, Told> & { readonly [Name in keyof Untold]: Untold[Name] | null }

function recordOf(row: Row): StoredNatRecord {
  return {
    ...row,
    protocol: row.protocol ?? undefined,
    endMs: row.endMs ?? undefined,
    originalIp: row.originalIp ?? undefined,
    originalPort: row.originalPort ?? undefined,
    destinationIp: row.destinationIp ?? undefined,
    destinationPort: row.destinationPort ?? undefined,
    destinationHost: row.destinationHost ?? undefined,
    principal: row.principal ?? undefined,
    translatedPort: row.translatedPort ?? undefined,
    connectionId: row.connectionId ?? undefined,
    replySourceIp: row.replySourceIp ?? undefined,
    replySourcePort: row.replySourcePort ?? undefined,
  }
}
