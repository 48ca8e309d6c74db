import 'server-only'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { RejectReason } from '@/lib/model/decoded'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import { NEWEST_MINUTES, SOURCE_KEYS } from './source-keys'

/** Never silent before this: well above the flush intervals of the usual shippers. */
const SILENT_AFTER_MS = 2 * 60_000
/** A source that sends every five minutes is silent after ten. */
const USUAL_GAPS = 2
/** A running collector repeats its word every 15 s. */
const WORD_AGE = '60 seconds'

/**
 * One row per source, cluster and hop ever heard of in the dataset, with what it sent in the window. Every graph and every pass
 * of the worker reads it: its cost grows with the window and the number of sources, not with how long they have sent.
 */
export async function loadCoverage(dataset: string, window: TimeRange): Promise<SourceCoverage[]> {
  const rows = await query<{
    source: SourceCoverage['source']
    cluster: string
    hop: string
    received: number
    record: number | null
    accepted: number
    duplicates: number
    rejected: number
    rejects: { reason: RejectReason; count: number }[] | null
    lost: number
    gaps: number
    quiet: number
    usualGap: number
    isWatched: boolean
  }>(
    `WITH RECURSIVE ${SOURCE_KEYS},
     gap_between AS (
       SELECT source, cluster, hop, minute - lag(minute) OVER (PARTITION BY source, cluster, hop ORDER BY minute) AS gap
       FROM source_minute WHERE dataset = $1 AND minute > now() - interval '6 hours'),
     usual AS (
       SELECT source, cluster, hop, percentile_disc(0.5) WITHIN GROUP (ORDER BY gap) AS gap FROM gap_between WHERE gap IS NOT NULL GROUP BY 1, 2, 3)
     SELECT k.source, k.cluster, k.hop, (extract(epoch FROM n.received) * 1000)::float8 AS received, (extract(epoch FROM n.record) * 1000)::float8 AS record,
       coalesce(s.accepted, 0)::float8 AS accepted, coalesce(s.rejected, 0)::float8 AS rejected, coalesce(s.duplicates, 0)::float8 AS duplicates,
       (SELECT json_agg(r ORDER BY r.count DESC, r.reason) FROM (SELECT reason, sum(count)::float8 AS count FROM source_reject
          WHERE dataset = $1 AND source = k.source AND cluster = k.cluster AND hop = k.hop
            AND minute >= to_timestamp($2::float8 / 1000) - interval '1 minute' GROUP BY reason) r) AS rejects,
       g.gaps, g.lost, (extract(epoch FROM now() - n.received) * 1000)::float8 AS quiet,
       coalesce((extract(epoch FROM u.gap) * 1000)::float8, 0) AS "usualGap",
       k.source = 'kubernetes' AND EXISTS (SELECT FROM collector c WHERE c.source = k.source AND c.cluster = k.cluster
          AND c.status->>'state' = 'connected' AND c.updated_at > now() - interval '${WORD_AGE}') AS "isWatched"
     FROM source_key k
     CROSS JOIN LATERAL (SELECT max(m.last_received) AS received, max(m.last_record) AS record FROM ${NEWEST_MINUTES} m) n
     CROSS JOIN LATERAL (SELECT sum(accepted) AS accepted, sum(rejected) AS rejected, sum(duplicates) AS duplicates FROM source_minute
       WHERE dataset = $1 AND source = k.source AND cluster = k.cluster AND hop = k.hop
         AND minute >= to_timestamp($2::float8 / 1000) - interval '1 minute') s
     CROSS JOIN LATERAL (SELECT count(*)::float8 AS gaps, coalesce(sum(lost), 0)::float8 AS lost FROM gap
       WHERE dataset = $1 AND source = k.source AND cluster = k.cluster
         AND at >= to_timestamp($2::float8 / 1000) AND at < to_timestamp($3::float8 / 1000)) g
     LEFT JOIN usual u USING (source, cluster, hop) ORDER BY 1, 2, 3`,
    [dataset, window.fromMs, window.toMs],
  )
  return rows.map((row) => ({
    source: row.source,
    cluster: row.cluster,
    ...(row.hop && { hop: row.hop }),
    lastReceivedMs: row.received,
    ...(row.record && { lastRecordMs: row.record }),
    acceptedInWindow: row.accepted,
    duplicatesInWindow: row.duplicates,
    rejectedInWindow: row.rejected,
    rejects: row.rejects ?? [],
    // A watch says nothing where nothing changes: whether it works, its collector says.
    isSilent: dataset === '' && !row.isWatched && row.quiet > Math.max(SILENT_AFTER_MS, USUAL_GAPS * row.usualGap),
    lostInWindow: row.lost,
    gapsInWindow: row.gaps,
  }))
}
