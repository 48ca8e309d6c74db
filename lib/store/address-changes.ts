import 'server-only'
import { isPublicAddress } from '@/lib/egress/address'
import { isTuple, isWindowed, type NatRecord, type NatTuple } from '@/lib/model/nat-record'
import type { Queryable } from './client'
import { byId } from './row-order'

/** A client address of which something new is known, for connections that began in [fromMs, toMs]. */
export interface AddressChange {
  readonly cluster: string
  readonly ip: string
  readonly fromMs: number
  readonly toMs: number
  /** A lease of it is new or changed; false: only NAT records are new. */
  readonly isLease: boolean
}

const DNS_PORT = 53
const PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp'])

/** A translation of one connection, told exactly, towards the internet; look-ups of names are no connections of interest. */
export const isOutwardRecord = (record: NatRecord): record is NatTuple =>
  isTuple(record) &&
  // A window tells of a connection again and again, and not when it began.
  !isWindowed(record.source) &&
  PROTOCOLS.has(record.protocol) &&
  !(record.protocol === 'udp' && record.destinationPort === DNS_PORT) &&
  isPublicAddress(record.destinationIp) &&
  (record.replySourceIp === undefined || isPublicAddress(record.replySourceIp))

/** Remembers that NAT records came from these addresses: whose they are is asked later, once flow records had time to come. */
export async function noteNatAddresses(
  client: Queryable,
  cluster: string,
  records: readonly NatRecord[],
): Promise<void> {
  const spans = new Map<string, { ip: string; fromMs: number; toMs: number }>()
  for (const record of records) {
    if (!isOutwardRecord(record)) continue
    const { originalIp: ip, atMs } = record
    const span = spans.get(ip) ?? { ip, fromMs: atMs, toMs: atMs }
    spans.set(ip, { ip, fromMs: Math.min(span.fromMs, atMs), toMs: Math.max(span.toMs, atMs) })
  }
  await addAddressChanges(
    client,
    [...spans.values()].map((span) => ({ ...span, cluster, isLease: false })),
  )
}

/** Puts addresses into the queue. */
export async function addAddressChanges(client: Queryable, changes: readonly AddressChange[]): Promise<void> {
  if (changes.length === 0) return
  await client.query(
    `INSERT INTO address_change (cluster, ip, from_at, to_at, cause)
     SELECT u.cluster, u.ip, to_timestamp(u.f / 1000.0), to_timestamp(u.t / 1000.0), CASE WHEN u.lease THEN 'lease' ELSE 'nat' END
     FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::bool[]) AS u(cluster, ip, f, t, lease)`,
    [
      changes.map((change) => change.cluster),
      changes.map((change) => change.ip),
      // Whole milliseconds, rounded outwards: the columns hold no more.
      changes.map((change) => Math.floor(change.fromMs)),
      changes.map((change) => Math.ceil(change.toMs)),
      changes.map((change) => change.isLease),
    ],
  )
}

/**
 * Takes changes out of the queue, oldest first: leases at once, NAT records once they are from `settledMs` or before. Answers
 * one change per address, within `[fromMs, toMs]`, and how many rows it took. Rows that another worker holds are skipped;
 * they come back where this transaction fails.
 */
export async function takeAddressChanges(
  client: Queryable,
  limit: number,
  { settledMs, fromMs, toMs }: { readonly settledMs: number; readonly fromMs: number; readonly toMs: number },
): Promise<{ readonly changes: AddressChange[]; readonly taken: number }> {
  const result = await client.query<AddressChange>(
    `DELETE FROM address_change WHERE id IN (
       SELECT id FROM address_change WHERE cause = 'lease' OR to_at <= to_timestamp($2::float8 / 1000) ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING cluster, ip, (extract(epoch FROM greatest(from_at, to_timestamp($3::float8 / 1000))) * 1000)::float8 AS "fromMs",
       (extract(epoch FROM least(to_at, to_timestamp($4::float8 / 1000))) * 1000)::float8 AS "toMs", cause = 'lease' AS "isLease"`,
    [limit, settledMs, fromMs, toMs],
  )
  const merged = new Map<string, AddressChange>()
  for (const row of result.rows) {
    if (row.fromMs > row.toMs) continue
    const key = `${row.cluster}\n${row.ip}`
    const other = merged.get(key) ?? row
    merged.set(key, {
      ...row,
      fromMs: Math.min(row.fromMs, other.fromMs),
      toMs: Math.max(row.toMs, other.toMs),
      isLease: row.isLease || other.isLease,
    })
  }
  return { changes: byId([...merged.values()], (row) => `${row.cluster}\n${row.ip}`), taken: result.rowCount ?? 0 }
}
