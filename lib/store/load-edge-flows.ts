import 'server-only'
import { type FlowRow, MOST_FLOWS_COUNTED } from '@/lib/model/edge-detail'
import type { TimeRange } from '@/lib/model/time-range'
import { withSnapshot } from './client'
import { FLOW_ROW, type FlowRowColumns, readFlows } from './read-flows'
import { windowRecords } from './window-records'

interface Variant {
  readonly id: string
  readonly edgeId: string
  readonly source: string
}

/**
 * Stored flow records of edges in a window, newest (or oldest) first, at most `limit`, and how many there are in all, counted up to
 * `MOST_FLOWS_COUNTED`. Reads, per variant, the first rows by index in the partitions of the window; of Calico, whose records are
 * intervals, also in those of the longest interval before it.
 */
export async function loadEdgeFlows(
  dataset: string,
  edgeIds: readonly string[],
  window: TimeRange,
  {
    limit,
    outcomes,
    order = 'newest',
  }: { readonly limit: number; readonly outcomes?: readonly string[]; readonly order?: 'newest' | 'oldest' },
): Promise<{ flows: FlowRow[]; total: number }> {
  return withSnapshot(async (client) => {
    const { rows: variants } = await client.query<Variant>(
      `SELECT id::text, edge_id::text AS "edgeId", source FROM edge_variant WHERE edge_id = ANY($1::bigint[]) ${outcomes ? 'AND outcome = ANY($2::text[])' : ''}`,
      [edgeIds, ...(outcomes ? [outcomes] : [])],
    )
    if (variants.length === 0) return { flows: [], total: 0 }
    const { values, rowsOf } = windowRecords(
      dataset,
      variants.map(({ id }) => id),
      window,
      variants.some(({ source }) => source === 'calico'),
    )
    const direction = order === 'newest' ? 'DESC' : 'ASC'
    const first = await client.query<FlowRowColumns>(
      `SELECT n.* FROM unnest($2::bigint[]) AS v(id)
       CROSS JOIN LATERAL (${rowsOf(`${FLOW_ROW}, r.start_at, r.record_key`, `ORDER BY r.start_at ${direction} LIMIT $6`)}) n
       ORDER BY n.start_at ${direction}, n.record_key LIMIT $6`,
      [...values, limit],
    )
    const counted = await client.query<{ total: number }>(
      `SELECT count(*)::float8 AS total FROM (
         SELECT 1 FROM unnest($2::bigint[]) AS v(id) CROSS JOIN LATERAL (${rowsOf('1', `LIMIT ${MOST_FLOWS_COUNTED}`)}) n LIMIT ${MOST_FLOWS_COUNTED}) c`,
      values,
    )
    const edges = new Map(variants.map(({ id, edgeId }) => [id, edgeId]))
    const flows = await readFlows(client, first.rows)
    return {
      flows: flows.map(({ recordId, variantId, receivedMs, flow, keptAs }) => ({
        id: recordId,
        edgeId: edges.get(variantId) ?? '',
        receivedMs,
        flow,
        ...(keptAs && { keptAs }),
      })),
      total: counted.rows[0]?.total ?? 0,
    }
  })
}
