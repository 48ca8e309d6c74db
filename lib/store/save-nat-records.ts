import 'server-only'
import type { NatRecord } from '@/lib/model/nat-record'
import { HOUR_MS } from '@/lib/model/units'
import type { Queryable } from './client'
import { hullOf } from './connection-key'
import { contentId, recordUuid } from './content-id'
import { ensurePartitions } from './partitions'
import { byId } from './row-order'
import { storeText } from './store-json'

/** Where NAT records come from. */
export interface NatPlace {
  readonly dataset: string
  readonly cluster: string
  readonly hop: string
  /** Arrived on a token with the nat-evidence scope: the only kind that convicts or clears. */
  readonly trusted: boolean
}

/** Records of one id tell of a connection that began within one hour (conntrack.ts, `keyOf`); twice that, for clocks. */
const SAME_RECORD_MS = 2 * HOUR_MS

/**
 * Inserts translations, or completes them: the record of a connection's end carries the same key as that of its beginning.
 * Answers how many rows are new or changed. The key is scoped by hop and trust, so that an untrusted sender can neither
 * take nor change a trusted row. The time is part of a row's key: writers of one hop take turns, so that of two parts of a record
 * the second finds the first. Index: primary key, in the partitions of the records and two hours around.
 */
export async function saveNatRecords(
  client: Queryable,
  place: NatPlace,
  records: readonly NatRecord[],
): Promise<{ readonly changed: number }> {
  if (records.length === 0) return { changed: 0 }
  const idOf = (record: NatRecord) =>
    recordUuid(`nat ${record.recordKey}`, place.cluster, place.hop, place.trusted ? 'trusted' : 'untrusted')
  const rows = byId(records, idOf).map((record) => ({ ...record, id: idOf(record) }))
  await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [
    contentId('nat records', place.dataset, place.cluster, place.hop),
  ])
  if (place.dataset === '')
    await ensurePartitions(
      'nat_record',
      rows.map((row) => row.atMs),
    )
  const stored = await loadStored(client, place.dataset, rows)
  const known = rows.flatMap((row) => {
    const storedMs = stored.get(row.id)
    return storedMs === undefined ? [] : [{ ...row, storedMs }]
  })
  const completed = await complete(client, place.dataset, known)
  const added = await insert(
    client,
    place,
    rows.filter((row) => !stored.has(row.id)),
  )
  return { changed: added + completed }
}

type IdentifiedRecord = NatRecord & { readonly id: string }

/** When the stored rows of these ids began. */
async function loadStored(
  client: Queryable,
  dataset: string,
  rows: readonly IdentifiedRecord[],
): Promise<ReadonlyMap<string, number>> {
  const { fromMs, toMs } = hullOf(rows.map(({ atMs }) => ({ fromMs: atMs, toMs: atMs })))
  const result = await client.query<{ id: string; atMs: number }>(
    `SELECT n.record_id::text AS id, (extract(epoch FROM n.at) * 1000)::float8 AS "atMs" FROM nat_record n
     WHERE n.dataset = $1 AND n.record_id = ANY($2::uuid[]) AND n.at BETWEEN to_timestamp($3::float8 / 1000) AND to_timestamp($4::float8 / 1000)`,
    [dataset, rows.map((row) => row.id), fromMs - SAME_RECORD_MS, toMs + SAME_RECORD_MS],
  )
  return new Map(result.rows.map(({ id, atMs }) => [id, atMs]))
}

/** Where an earlier beginning is told, the row moves to that time's partition. */
async function complete(
  client: Queryable,
  dataset: string,
  rows: readonly (IdentifiedRecord & { readonly storedMs: number })[],
): Promise<number> {
  if (rows.length === 0) return 0
  const { fromMs, toMs } = hullOf(rows.map(({ storedMs }) => ({ fromMs: storedMs, toMs: storedMs })))
  const result = await client.query(
    `UPDATE nat_record n SET at = least(n.at, u.at), end_at = greatest(n.end_at, u.stop),
       raw = CASE WHEN n.end_at IS NULL AND n.raw <> u.raw THEN left(n.raw || E'\\n' || u.raw, 4096) ELSE n.raw END
     FROM (SELECT id, to_timestamp(stored / 1000.0) AS stored, to_timestamp(at / 1000.0) AS at, to_timestamp(stop / 1000.0) AS stop, raw
       FROM unnest($2::uuid[], $3::float8[], $4::float8[], $5::float8[], $6::text[]) AS r(id, stored, at, stop, raw)) u
     WHERE n.dataset = $1 AND n.record_id = u.id AND n.at = u.stored AND n.at BETWEEN to_timestamp($7::float8 / 1000) AND to_timestamp($8::float8 / 1000)
       AND (u.at < n.at OR u.stop IS NOT NULL AND (n.end_at IS NULL OR u.stop > n.end_at))`,
    [
      dataset,
      rows.map((row) => row.id),
      rows.map((row) => row.storedMs),
      rows.map((row) => row.atMs),
      rows.map((row) => row.endMs ?? null),
      rows.map((row) => storeText(row.raw)),
      fromMs,
      toMs,
    ],
  )
  return result.rowCount ?? 0
}

async function insert(client: Queryable, place: NatPlace, rows: readonly IdentifiedRecord[]): Promise<number> {
  if (rows.length === 0) return 0
  const result = await client.query(
    `INSERT INTO nat_record (dataset, record_id, source, cluster, hop, protocol, at, end_at, original_ip, original_port, destination_ip,
       destination_port, destination_host, principal, translated_ip, translated_port, reply_source_ip, reply_source_port, connection_id, trusted, raw)
     SELECT $1, u.id, u.source, $2, $3, u.protocol, to_timestamp(u.at / 1000.0), to_timestamp(u.stop / 1000.0), u.oip, u.oport, u.dip, u.dport,
       u.host, u.principal, u.tip, u.tport, u.rip, u.rport, u.connection, $4, u.raw
     FROM unnest($5::uuid[], $6::text[], $7::text[], $8::float8[], $9::float8[], $10::text[], $11::int[], $12::text[], $13::int[], $14::text[],
       $15::int[], $16::text[], $17::int[], $18::text[], $19::text[], $20::text[], $21::text[])
       AS u(id, source, protocol, at, stop, oip, oport, dip, dport, tip, tport, rip, rport, connection, raw, host, principal)
     ON CONFLICT DO NOTHING`,
    [
      place.dataset,
      place.cluster,
      place.hop,
      place.trusted,
      rows.map((row) => row.id),
      rows.map((row) => row.source),
      rows.map((row) => row.protocol ?? null),
      rows.map((row) => row.atMs),
      rows.map((row) => row.endMs ?? null),
      rows.map((row) => row.originalIp ?? null),
      rows.map((row) => row.originalPort ?? null),
      rows.map((row) => row.destinationIp ?? null),
      rows.map((row) => row.destinationPort ?? null),
      rows.map((row) => row.translatedIp),
      rows.map((row) => row.translatedPort ?? null),
      rows.map((row) => row.replySourceIp ?? null),
      rows.map((row) => row.replySourcePort ?? null),
      rows.map((row) => row.connectionId ?? null),
      rows.map((row) => storeText(row.raw)),
      rows.map((row) => textOrNull(row.destinationHost)),
      rows.map((row) => textOrNull(row.principal)),
    ],
  )
  return result.rowCount ?? 0
}

const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : storeText(text))
