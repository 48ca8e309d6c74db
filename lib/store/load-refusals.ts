import 'server-only'
import { CLOCK_SKEW_MS } from '@/lib/egress/grade-observation'
import type { ToldRefusal } from '@/lib/egress/match-refusal'
import { MINUTE_MS } from '@/lib/model/units'
import type { Queryable } from './client'
import { byDataset, hullOf } from './connection-key'

interface Connection {
  readonly id: string
  readonly dataset: string
  readonly edgeId: string
  readonly firstMs: number
  readonly lastMs: number
}

/** A call that was refused can have begun so long before its connection was opened: retries, waiting for an address. */
const LONGEST_CALL_MS = 10 * MINUTE_MS
/** Different refusals of one connection that are looked at. */
const MOST = 50

/**
 * What spans of a connection's workload tell, while it lived, of providers that refused their address; by connection id, those
 * without any are missing. Index span (endpoint id, start at) of refused ones, which are few.
 */
export async function loadRefusals(
  client: Queryable,
  connections: readonly Connection[],
): Promise<ReadonlyMap<string, readonly ToldRefusal[]>> {
  const found = new Map<string, readonly ToldRefusal[]>()
  for (const [dataset, rows] of byDataset(connections)) {
    const lives = hullOf(rows.map(({ firstMs, lastMs }) => ({ fromMs: firstMs, toMs: lastMs })))
    const result = await client.query<{ id: string; told: ToldRefusal[] }>(
      `SELECT u.id::text, r.told FROM unnest($2::bigint[], $3::bigint[], $4::float8[], $5::float8[]) AS u(id, edge, first, last)
       JOIN edge e ON e.id = u.edge CROSS JOIN LATERAL (
         SELECT json_agg(json_strip_nulls(json_build_object('host', t.host, 'otelProvider', t.provider, 'pod', t.pod))) AS told FROM (
           SELECT DISTINCT coalesce(s.span#>>'{peer,host}', s.span#>>'{peer,name}') AS host, s.ai_provider AS provider, s.span#>>'{workload,pod}' AS pod
           FROM span s WHERE s.dataset = $1 AND s.refused AND s.endpoint_id = e.client_id
             AND s.start_at BETWEEN to_timestamp((u.first - ${LONGEST_CALL_MS}) / 1000.0) AND to_timestamp((u.last + ${CLOCK_SKEW_MS}) / 1000.0)
             AND s.start_at BETWEEN to_timestamp($6::float8 / 1000) AND to_timestamp($7::float8 / 1000)
             AND s.start_at + s.duration_ns / 1000 * interval '1 microsecond' >= to_timestamp((u.first - ${CLOCK_SKEW_MS}) / 1000.0)
           LIMIT ${MOST}) t) r
       WHERE r.told IS NOT NULL`,
      [
        dataset,
        rows.map((row) => row.id),
        rows.map((row) => row.edgeId),
        rows.map((row) => row.firstMs),
        rows.map((row) => row.lastMs),
        lives.fromMs - LONGEST_CALL_MS,
        lives.toMs + CLOCK_SKEW_MS,
      ],
    )
    for (const { id, told } of result.rows) found.set(id, told)
  }
  return found
}
