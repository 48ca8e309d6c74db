import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import { MINUTE_MS } from '@/lib/model/units'
import { TIERS } from './bucket-tiers'
import { query } from './client'

/** Records come that much after their own time, and more. */
const LATE_MS = 5 * MINUTE_MS

/** Which kinds of sources told anything of a cluster in a window. */
export interface Told {
  readonly flows: boolean
  readonly traces: boolean
}

/**
 * Whether flow sources and traces told something of a cluster in a window. Of live data by what was received then (index: primary
 * key of source_minute); of a pinned dataset, whose records came at another time than their own, by what it holds of the window, of
 * any cluster (indexes: primary keys of the buckets, span by start).
 */
export async function loadTold(dataset: string, cluster: string, window: TimeRange): Promise<Told> {
  const rows = dataset === '' ? await live(cluster, window) : await pinned(dataset, window)
  return { flows: rows.some(({ flows }) => flows), traces: rows.some(({ flows }) => !flows) }
}

const live = (cluster: string, { fromMs, toMs }: TimeRange): Promise<{ flows: boolean }[]> =>
  query(
    `SELECT DISTINCT source <> 'otlp' AS flows FROM source_minute WHERE dataset = '' AND source IN ('hubble', 'calico', 'otlp') AND cluster = $1
       AND minute >= to_timestamp($2::float8 / 1000) AND minute < to_timestamp($3::float8 / 1000) AND accepted > 0`,
    [cluster, fromMs, toMs + LATE_MS],
  )

const pinned = (dataset: string, { fromMs, toMs }: TimeRange): Promise<{ flows: boolean }[]> =>
  query(
    `${TIERS.map(
      ({ table }) =>
        `(SELECT true AS flows FROM ${table} WHERE dataset = $1 AND bucket_start >= $2::bigint AND bucket_start < $3::bigint LIMIT 1)`,
    ).join(' UNION ALL ')}
     UNION ALL (SELECT false FROM span WHERE dataset = $1 AND start_at >= to_timestamp($2::bigint / 1000.0) AND start_at < to_timestamp($3::bigint / 1000.0) LIMIT 1)`,
    [dataset, Math.floor(fromMs), Math.floor(toMs)],
  )
