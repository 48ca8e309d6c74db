import 'server-only'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'

/** Quiet for longer than this counts as silent: well above the flush intervals of the usual shippers. */
const SILENT_AFTER_MS = 2 * 60_000

/** One row per source, cluster and hop ever heard of in the dataset, with what it sent in the window. */
export async function loadCoverage(dataset: string, window: TimeRange): Promise<SourceCoverage[]> {
  const rows = await query<{
    source: SourceCoverage['source']
    cluster: string
    hop: string
    received: number
    record: number | null
    accepted: number
    rejected: number
    lost: number
    quiet: number
  }>(
    `SELECT s.source, s.cluster, s.hop, (extract(epoch FROM max(s.last_received)) * 1000)::float8 AS received,
       (extract(epoch FROM max(s.last_record)) * 1000)::float8 AS record,
       coalesce(sum(s.accepted) FILTER (WHERE s.minute >= to_timestamp($2::float8 / 1000) - interval '1 minute'), 0)::float8 AS accepted,
       coalesce(sum(s.rejected) FILTER (WHERE s.minute >= to_timestamp($2::float8 / 1000) - interval '1 minute'), 0)::float8 AS rejected,
       (SELECT coalesce(sum(g.lost), 0)::float8 FROM gap g WHERE g.dataset = $1 AND g.source = s.source AND g.cluster = s.cluster
          AND g.at >= to_timestamp($2::float8 / 1000) AND g.at < to_timestamp($3::float8 / 1000)) AS lost,
       (extract(epoch FROM now() - max(s.last_received)) * 1000)::float8 AS quiet
     FROM source_minute s WHERE s.dataset = $1 GROUP BY s.source, s.cluster, s.hop ORDER BY 1, 2, 3`,
    [dataset, window.fromMs, window.toMs],
  )
  return rows.map((row) => ({
    source: row.source,
    cluster: row.cluster,
    ...(row.hop && { hop: row.hop }),
    lastReceivedMs: row.received,
    ...(row.record && { lastRecordMs: row.record }),
    acceptedInWindow: row.accepted,
    rejectedInWindow: row.rejected,
    isSilent: dataset === '' && row.quiet > SILENT_AFTER_MS,
    lostInWindow: row.lost,
  }))
}
