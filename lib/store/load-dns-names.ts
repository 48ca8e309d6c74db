import 'server-only'
import type { EndpointRow } from '@/lib/model/graph-input'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import type { NameOrigin } from './save-dns-names'

/** Names of one address, and how they were learned. */
export interface MappedNames {
  readonly names: readonly string[]
  readonly origin: NameOrigin
}

/**
 * Every name that our DNS map gives an address in a window, per endpoint id. Scoped by cluster. Names by answers stand above
 * those that clients only asked for: where there is one of the former, the latter are left out.
 */
export async function loadDnsNames(
  dataset: string,
  window: TimeRange,
  endpoints: readonly EndpointRow[],
): Promise<ReadonlyMap<string, MappedNames>> {
  if (endpoints.length === 0) return new Map()
  const rows = await query<MappedNames & { readonly id: string }>(
    `SELECT u.id::text, d.origin, array_agg(DISTINCT d.name ORDER BY d.name) AS names
     FROM unnest($2::bigint[], $3::text[], $4::text[]) AS u(id, cluster, ip)
     JOIN dns_name d ON d.dataset = $1 AND d.cluster = u.cluster AND d.ip = u.ip
     WHERE d.valid_from < to_timestamp($6::float8 / 1000) AND d.valid_to > to_timestamp($5::float8 / 1000)
     GROUP BY u.id, d.origin ORDER BY d.origin = 'answer'`,
    [
      dataset,
      endpoints.map((row) => row.id),
      endpoints.map((row) => row.cluster),
      endpoints.map((row) => row.name),
      window.fromMs,
      window.toMs,
    ],
  )
  // Answers come last, so that they replace what was asked.
  return new Map(rows.map(({ id, names, origin }) => [id, { names, origin }]))
}
