import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { query } from './client'

/** A client was told addresses of a host. */
export interface AnsweredHost {
  readonly cluster: string
  readonly host: string
  /** '' where the log does not tell who asked. */
  readonly clientNamespace: string
  readonly clientPod: string
  readonly firstMs: UnixMillis
  /** The last answer; where its TTL was longer than `validMs` it may have been earlier. */
  readonly lastMs: UnixMillis
}

/** Hosts of one pass: of more, the last answered. */
const MOST = 5000

/** Last two labels of a host: what it is looked for by before the catalogue has a closer look. */
const TAIL = `substring(d.name from '[^.]+[.][^.]+$')`

/**
 * Hosts below these domains (`openai.com`) that answers of a window gave addresses for, by client. Names of the map end `validMs` after
 * their last answer at the earliest. Reads the map's rows that are valid in the window: an index on their end would have to be
 * written with every answer.
 */
export function loadAnsweredHosts(
  dataset: string,
  window: TimeRange,
  domains: readonly string[],
  validMs: number,
): Promise<AnsweredHost[]> {
  return query<AnsweredHost>(
    `SELECT cluster, name AS host, client_namespace AS "clientNamespace", client_pod AS "clientPod",
       CASE WHEN first_ms >= $2::float8 THEN first_ms ELSE last_ms END AS "firstMs", last_ms AS "lastMs"
     FROM (SELECT d.cluster, d.name, d.client_namespace, d.client_pod, (extract(epoch FROM min(d.valid_from)) * 1000)::float8 AS first_ms,
         least((extract(epoch FROM max(d.valid_to)) * 1000)::float8 - $5::float8, $3::float8) AS last_ms
       FROM dns_name d WHERE d.dataset = $1 AND d.origin = 'answer' AND d.valid_to >= to_timestamp(($2::float8 + $5::float8) / 1000)
         AND d.valid_from < to_timestamp($3::float8 / 1000) AND ${TAIL} = ANY($4::text[])
       GROUP BY 1, 2, 3, 4) n ORDER BY last_ms DESC, 1, 2, 3, 4 LIMIT ${MOST}`,
    [dataset, window.fromMs, window.toMs, domains, validMs],
  )
}

/** The clusters among these of which DNS answers were seen in a window. Index: primary key, up to the first row that is. */
export async function clustersWithAnswers(
  dataset: string,
  window: TimeRange,
  clusters: readonly string[],
  validMs: number,
): Promise<ReadonlySet<string>> {
  if (clusters.length === 0) return new Set()
  const rows = await query<{ cluster: string }>(
    `SELECT u.cluster FROM unnest($4::text[]) AS u(cluster) CROSS JOIN LATERAL (
       SELECT 1 FROM dns_name d WHERE d.dataset = $1 AND d.cluster = u.cluster AND d.origin = 'answer'
         AND d.valid_to >= to_timestamp(($2::float8 + $5::float8) / 1000) AND d.valid_from < to_timestamp($3::float8 / 1000) LIMIT 1) d`,
    [dataset, window.fromMs, window.toMs, clusters, validMs],
  )
  return new Set(rows.map(({ cluster }) => cluster))
}
