import 'server-only'
import { REJECT_REASONS, type RejectReason } from '@/lib/model/decoded'
import type { Queryable } from './client'
import { compareText } from './row-order'

/** How many records were refused for each reason. */
export type RejectCounts = Readonly<Partial<Record<RejectReason, number>>>

/** What one batch brought from one source and cluster. */
export interface Receipt {
  readonly dataset: string
  readonly source: string
  readonly cluster: string
  readonly hop: string
  readonly accepted: number
  readonly duplicates: number
  /** Refused records by reason; absent = none. */
  readonly rejects?: RejectCounts
  /** Newest record's own time. */
  readonly newestMs?: number
}

/** Counts receipts, and rejects by reason, per minute of receipt: coverage and lag are read from here. */
export async function saveSourceMinutes(client: Queryable, receipts: readonly Receipt[]): Promise<void> {
  const rows = foldReceipts(receipts)
  if (rows.length === 0) return
  await client.query(
    `INSERT INTO source_minute AS s (dataset, source, cluster, hop, minute, accepted, duplicates, rejected, last_received, last_record)
     SELECT u.dataset, u.source, u.cluster, u.hop, date_trunc('minute', clock_timestamp()), u.accepted, u.duplicates, u.rejected,
       clock_timestamp(), to_timestamp(u.newest / 1000.0)
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::float8[])
       AS u(dataset, source, cluster, hop, accepted, duplicates, rejected, newest)
     ON CONFLICT (dataset, source, cluster, hop, minute) DO UPDATE SET accepted = s.accepted + EXCLUDED.accepted,
       duplicates = s.duplicates + EXCLUDED.duplicates, rejected = s.rejected + EXCLUDED.rejected,
       last_received = greatest(s.last_received, EXCLUDED.last_received), last_record = greatest(s.last_record, EXCLUDED.last_record)`,
    [
      rows.map((row) => row.dataset),
      rows.map((row) => row.source),
      rows.map((row) => row.cluster),
      rows.map((row) => row.hop),
      rows.map((row) => row.accepted),
      rows.map((row) => row.duplicates),
      rows.map((row) => sumOf(row.rejects)),
      rows.map((row) => row.newestMs ?? null),
    ],
  )
  await saveRejects(client, rows)
}

async function saveRejects(client: Queryable, receipts: readonly Receipt[]): Promise<void> {
  const rows = receipts.flatMap((receipt) =>
    REJECT_REASONS.flatMap((reason) => {
      const count = receipt.rejects?.[reason] ?? 0
      return count > 0 ? [{ ...receipt, reason, count }] : []
    }),
  )
  if (rows.length === 0) return
  await client.query(
    `INSERT INTO source_reject AS s (dataset, source, cluster, hop, minute, reason, count)
     SELECT u.dataset, u.source, u.cluster, u.hop, date_trunc('minute', clock_timestamp()), u.reason, u.count
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[]) AS u(dataset, source, cluster, hop, reason, count)
     ON CONFLICT (dataset, source, cluster, hop, minute, reason) DO UPDATE SET count = s.count + EXCLUDED.count`,
    [
      rows.map((row) => row.dataset),
      rows.map((row) => row.source),
      rows.map((row) => row.cluster),
      rows.map((row) => row.hop),
      rows.map((row) => row.reason),
      rows.map((row) => row.count),
    ],
  )
}

const sumOf = (rejects: RejectCounts = {}): number => Object.values(rejects).reduce((sum, count) => sum + count, 0)

/** Counts of an answer's groups. */
export const rejectCounts = (
  groups: readonly { readonly reason: RejectReason; readonly count: number }[],
): RejectCounts => Object.fromEntries(groups.map(({ reason, count }) => [reason, count]))

function foldReceipts(receipts: readonly Receipt[]): Receipt[] {
  const sums = new Map<string, Receipt>()
  for (const receipt of receipts) {
    const key = [receipt.dataset, receipt.source, receipt.cluster, receipt.hop].join('\n')
    const sum = sums.get(key)
    sums.set(key, sum ? addReceipts(sum, receipt) : receipt)
  }
  return [...sums].sort(([a], [b]) => compareText(a, b)).map(([, row]) => row)
}

const addReceipts = (a: Receipt, b: Receipt): Receipt => ({
  ...a,
  accepted: a.accepted + b.accepted,
  duplicates: a.duplicates + b.duplicates,
  ...((a.rejects || b.rejects) && { rejects: addRejects(a.rejects, b.rejects) }),
  newestMs:
    a.newestMs !== undefined && b.newestMs !== undefined
      ? Math.max(a.newestMs, b.newestMs)
      : (a.newestMs ?? b.newestMs),
})

function addRejects(a: RejectCounts = {}, b: RejectCounts = {}): RejectCounts {
  const sum: Partial<Record<RejectReason, number>> = { ...a }
  for (const reason of REJECT_REASONS) if (b[reason]) sum[reason] = (sum[reason] ?? 0) + b[reason]
  return sum
}
