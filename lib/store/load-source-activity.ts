import 'server-only'
import type { SourceActivity, SourceGap } from '@/lib/model/source-report'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import { NEWEST_MINUTES, SOURCE_KEYS } from './source-keys'

const GAPS_SHOWN = 5

export interface ActivityOf extends SourceActivity {
  readonly source: string
  readonly cluster: string
  readonly hop: string
}

/** First word, rate and newest gaps of every source ever heard of in the dataset. */
export async function loadSourceActivity(dataset: string, window: TimeRange): Promise<ActivityOf[]> {
  const [rows, gaps] = await Promise.all([loadRates(dataset), loadGaps(dataset, window)])
  return rows.map(({ lagMs, ...row }) => ({
    ...row,
    ...(lagMs !== null && { lagMs: Math.max(0, lagMs) }),
    gaps: gaps.get(keyOf(row)) ?? [],
  }))
}

const keyOf = ({ source, cluster }: { readonly source: string; readonly cluster: string }): string =>
  JSON.stringify([source, cluster])

/** The minute that has just begun counts with the four before it, and by the seconds that have passed of it. */
function loadRates(
  dataset: string,
): Promise<(Omit<ActivityOf, 'gaps' | 'lagMs'> & { readonly lagMs: number | null })[]> {
  return query(
    `WITH RECURSIVE ${SOURCE_KEYS}
     SELECT k.source, k.cluster, k.hop, (extract(epoch FROM f.minute) * 1000)::float8 AS "firstReceivedMs",
       (n.records / greatest(60, extract(epoch FROM now() - greatest(f.minute, date_trunc('minute', now()) - interval '4 minutes'))))::float8
         AS "recordsPerSecond",
       (extract(epoch FROM n.lag) * 1000)::float8 AS "lagMs"
     FROM source_key k
     CROSS JOIN LATERAL (SELECT minute FROM source_minute WHERE dataset = $1 AND source = k.source AND cluster = k.cluster AND hop = k.hop
       ORDER BY minute LIMIT 1) f
     CROSS JOIN LATERAL (SELECT
         coalesce(sum(accepted + duplicates + rejected) FILTER (WHERE minute >= date_trunc('minute', now()) - interval '4 minutes'), 0) AS records,
         (array_agg(last_received - last_record ORDER BY last_record DESC, minute) FILTER (WHERE last_record IS NOT NULL))[1] AS lag
       FROM ${NEWEST_MINUTES} m) n`,
    [dataset],
  )
}

/** Gaps know no hop: they are told for each line of their source and cluster. */
async function loadGaps(dataset: string, { fromMs, toMs }: TimeRange): Promise<Map<string, SourceGap[]>> {
  const rows = await query<{
    source: string
    cluster: string
    node: string
    reason: string
    at: number
    stop: number | null
    lost: number | null
  }>(
    `SELECT source, cluster, node, reason, (extract(epoch FROM at) * 1000)::float8 AS at,
       (extract(epoch FROM end_at) * 1000)::float8 AS stop, lost::float8
     FROM (SELECT *, row_number() OVER (PARTITION BY source, cluster ORDER BY at DESC, id) AS n FROM gap
       WHERE dataset = $1 AND at >= to_timestamp($2::float8 / 1000) AND at < to_timestamp($3::float8 / 1000)) g
     WHERE n <= ${GAPS_SHOWN} ORDER BY source, cluster, n`,
    [dataset, fromMs, toMs],
  )
  const bySource = new Map<string, SourceGap[]>()
  for (const { source, cluster, node, reason, at, stop, lost } of rows) {
    const gap = {
      ...(node && { node }),
      reason,
      atMs: at,
      ...(stop !== null && { endMs: stop }),
      ...(lost !== null && { lost }),
    }
    const known = bySource.get(keyOf({ source, cluster }))
    if (known) known.push(gap)
    else bySource.set(keyOf({ source, cluster }), [gap])
  }
  return bySource
}
