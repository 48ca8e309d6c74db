import 'server-only'
import type { NatRecord } from '@/lib/model/nat-record'
import type { Queryable } from './client'
import { recordUuid } from './content-id'
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

/**
 * Inserts translations, or completes them: the record of a connection's end carries the same key as that of its beginning.
 * Answers how many rows are new or changed. The key is scoped by hop and trust, so that an untrusted sender can neither
 * take nor change a trusted row.
 */
export async function saveNatRecords(
  client: Queryable,
  place: NatPlace,
  records: readonly NatRecord[],
): Promise<{ readonly changed: number }> {
  if (records.length === 0) return { changed: 0 }
  const idOf = (record: NatRecord) =>
    recordUuid(`nat ${record.recordKey}`, place.cluster, place.hop, place.trusted ? 'trusted' : 'untrusted')
  const rows = byId(records, idOf)
  const result = await client.query(
    `INSERT INTO nat_record AS n (dataset, record_id, source, cluster, hop, protocol, at, end_at, original_ip, original_port, destination_ip,
       destination_port, destination_host, principal, translated_ip, translated_port, reply_source_ip, reply_source_port, connection_id, trusted, raw)
     SELECT $1, u.id, u.source, $2, $3, u.protocol, to_timestamp(u.at / 1000.0), to_timestamp(u.stop / 1000.0), u.oip, u.oport, u.dip, u.dport,
       u.host, u.principal, u.tip, u.tport, u.rip, u.rport, u.connection, $4, u.raw
     FROM unnest($5::uuid[], $6::text[], $7::text[], $8::float8[], $9::float8[], $10::text[], $11::int[], $12::text[], $13::int[], $14::text[],
       $15::int[], $16::text[], $17::int[], $18::text[], $19::text[], $20::text[], $21::text[])
       AS u(id, source, protocol, at, stop, oip, oport, dip, dport, tip, tport, rip, rport, connection, raw, host, principal)
     ON CONFLICT (dataset, record_id) DO UPDATE SET at = least(n.at, EXCLUDED.at), end_at = greatest(n.end_at, EXCLUDED.end_at),
       raw = CASE WHEN n.end_at IS NULL AND n.raw <> EXCLUDED.raw THEN left(n.raw || E'\\n' || EXCLUDED.raw, 4096) ELSE n.raw END
     WHERE EXCLUDED.at < n.at OR EXCLUDED.end_at IS NOT NULL AND (n.end_at IS NULL OR EXCLUDED.end_at > n.end_at)`,
    [
      place.dataset,
      place.cluster,
      place.hop,
      place.trusted,
      rows.map(idOf),
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
  return { changed: result.rowCount ?? 0 }
}

const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : storeText(text))
