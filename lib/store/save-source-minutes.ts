import 'server-only'
import type { Queryable } from './client'
import { compareText } from './row-order'

/** What one batch brought from one source and cluster. */
export interface Receipt {
  readonly dataset: string
  readonly source: string
  readonly cluster: string
  readonly hop: string
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  /** Newest record's own time. */
  readonly newestMs?: number
}

/** Counts receipts per minute of receipt: coverage and lag are read from here. */
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
      rows.map((row) => row.rejected),
      rows.map((row) => row.newestMs ?? null),
    ],
  )
}

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
  rejected: a.rejected + b.rejected,
  newestMs:
    a.newestMs !== undefined && b.newestMs !== undefined
      ? Math.max(a.newestMs, b.newestMs)
      : (a.newestMs ?? b.newestMs),
})
