import 'server-only'
import type { EndpointRow } from '@/lib/model/graph-input'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'

/** Every name that our DNS map gives an address in a window, per endpoint id. Scoped by cluster. */
export async function loadDnsNames(
  dataset: string,
  window: TimeRange,
  endpoints: readonly EndpointRow[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (endpoints.length === 0) return new Map()
  const rows = await query<{ id: string; names: string[] }>(
    `SELECT u.id::text, array_agg(DISTINCT d.name ORDER BY d.name) AS names
     FROM unnest($2::bigint[], $3::text[], $4::text[]) AS u(id, cluster, ip)
     JOIN dns_name d ON d.dataset = $1 AND d.cluster = u.cluster AND d.ip = u.ip
     WHERE d.valid_from < to_timestamp($6::float8 / 1000) AND d.valid_to > to_timestamp($5::float8 / 1000)
     GROUP BY u.id`,
    [
      dataset,
      endpoints.map((row) => row.id),
      endpoints.map((row) => row.cluster),
      endpoints.map((row) => row.name),
      window.fromMs,
      window.toMs,
    ],
  )
  return new Map(rows.map((row) => [row.id, row.names]))
}
