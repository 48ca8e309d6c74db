import 'server-only'
import type { SourceSilence } from '@/lib/model/comparison'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { query } from './client'
import { compareText } from './row-order'
import { SOURCE_KEYS } from './source-keys'

/** As in load-coverage.ts: silent after twice the usual, two minutes at least, beside the minute itself. */
const LEAST = '3 minutes'
/** So many steps tell what is usual; of fewer, the least is asked for. */
const STEPS = 3
/** One minute of receipt per source and minute is read: of a longer window only its end. */
const LONGEST_MS = 31 * 24 * 3600_000
/** A loss that is told with its end began at most so long before. */
const LOSS_MS = 24 * 3600_000

interface Row {
  readonly source: SourceSilence['source']
  readonly cluster: string
  readonly hop: string
  readonly fromMs: number
  readonly toMs: number
  readonly isUnheard: boolean
}

export interface Silences {
  readonly silences: readonly SourceSilence[]
  /** From when on silence was looked for: minutes of receipt are not read of more than 31 days. */
  readonly sinceMs: UnixMillis
}

/**
 * Stretches of `[fromMs, toMs)` in which sources of a cluster (with '', of all) said nothing, or lost what they say they lost: the
 * longest `limit` of either, in time order. Live data alone know silence: a pinned dataset is received when somebody uploads it. The inventory's
 * watch is never silent. Indexes: primary key of the minutes; gaps by dataset and time.
 */
export async function loadSilences(
  dataset: string,
  cluster: string,
  window: TimeRange,
  limit: number,
): Promise<Silences> {
  const sinceMs = Math.max(window.fromMs, window.toMs - LONGEST_MS)
  const [quiet, losses] = await Promise.all([
    dataset === '' ? loadQuiet(cluster, { fromMs: sinceMs, toMs: window.toMs }, limit) : [],
    loadLosses(dataset, cluster, window, limit),
  ])
  return {
    silences: [...quiet, ...losses].sort((a, b) => a.fromMs - b.fromMs || compareText(a.source, b.source)),
    sinceMs,
  }
}

async function loadQuiet(cluster: string, { fromMs, toMs }: TimeRange, limit: number): Promise<SourceSilence[]> {
  const rows = await query<Row>(
    `WITH RECURSIVE ${SOURCE_KEYS},
     asked AS (SELECT * FROM source_key WHERE source <> 'kubernetes' AND ($2 = '' OR cluster = $2)),
     heard AS (
       SELECT k.source, k.cluster, k.hop, m.minute FROM asked k CROSS JOIN LATERAL (
         (SELECT minute FROM source_minute WHERE dataset = $1 AND source = k.source AND cluster = k.cluster AND hop = k.hop
            AND minute < to_timestamp($3::float8 / 1000) ORDER BY minute DESC LIMIT 1)
         UNION ALL
         SELECT minute FROM source_minute WHERE dataset = $1 AND source = k.source AND cluster = k.cluster AND hop = k.hop
           AND minute >= to_timestamp($3::float8 / 1000) AND minute < to_timestamp($4::float8 / 1000)) m),
     step AS (
       SELECT *, lead(minute) OVER own AS next, lag(minute) OVER own IS NULL AS is_first FROM heard
       WINDOW own AS (PARTITION BY source, cluster, hop ORDER BY minute)),
     usual AS (
       SELECT source, cluster, hop, percentile_disc(0.5) WITHIN GROUP (ORDER BY next - minute) AS gap FROM step
       WHERE next IS NOT NULL GROUP BY 1, 2, 3 HAVING count(*) >= ${STEPS}),
     quiet AS (
       SELECT s.source, s.cluster, s.hop, s.minute + interval '1 minute' AS start, coalesce(s.next, to_timestamp($4::float8 / 1000)) AS stop,
         false AS unheard
       FROM step s LEFT JOIN usual u USING (source, cluster, hop)
       WHERE coalesce(s.next, to_timestamp($4::float8 / 1000)) - s.minute
         > greatest(interval '${LEAST}', coalesce(2 * u.gap, interval '0') + interval '1 minute')
       UNION ALL
       SELECT source, cluster, hop, to_timestamp($3::float8 / 1000), minute, true FROM step
       WHERE is_first AND minute > to_timestamp($3::float8 / 1000) + interval '1 minute'
       UNION ALL
       SELECT source, cluster, hop, to_timestamp($3::float8 / 1000), to_timestamp($4::float8 / 1000), true FROM asked k
       WHERE NOT EXISTS (SELECT FROM heard h WHERE h.source = k.source AND h.cluster = k.cluster AND h.hop = k.hop))
     SELECT source, cluster, hop, (extract(epoch FROM greatest(start, to_timestamp($3::float8 / 1000))) * 1000)::float8 AS "fromMs",
       (extract(epoch FROM stop) * 1000)::float8 AS "toMs", unheard AS "isUnheard"
     FROM quiet ORDER BY stop - start DESC, source, cluster, hop, start LIMIT $5`,
    ['', cluster, fromMs, toMs, limit],
  )
  return rows.map(({ hop, isUnheard, ...row }) => ({
    ...row,
    kind: isUnheard ? 'unheard' : 'silent',
    ...(hop && { hop }),
  }))
}

async function loadLosses(
  dataset: string,
  cluster: string,
  { fromMs, toMs }: TimeRange,
  limit: number,
): Promise<SourceSilence[]> {
  const rows = await query<Omit<Row, 'hop' | 'isUnheard'> & { reason: string; lost: number | null }>(
    `SELECT source, cluster, reason, lost::float8, (extract(epoch FROM at) * 1000)::float8 AS "fromMs",
       (extract(epoch FROM coalesce(end_at, at)) * 1000)::float8 AS "toMs"
     FROM gap WHERE dataset = $1 AND at >= to_timestamp($3::float8 / 1000) AND at < to_timestamp($4::float8 / 1000)
       AND coalesce(end_at, at) >= to_timestamp($5::float8 / 1000) AND ($2 = '' OR cluster = $2)
     ORDER BY coalesce(end_at, at) - at DESC, lost DESC NULLS LAST, at, id LIMIT $6`,
    [dataset, cluster, fromMs - LOSS_MS, toMs, fromMs, limit],
  )
  return rows.map(({ lost, ...row }) => ({ ...row, kind: 'loss', ...(lost !== null && { lost }) }))
}
