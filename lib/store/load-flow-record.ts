import 'server-only'
import type { FlowPosition } from '@/lib/model/flow-list'
import { withSnapshot } from './client'
import { FLOW_ROW, type FlowRowColumns, readFlows, type StoredFlow } from './read-flows'

/** One kept record by its place, with all of it; undefined where retention took it. By primary key, in one partition. */
export async function loadFlowRecord(
  dataset: string,
  { startNs, recordKey }: FlowPosition,
): Promise<(StoredFlow & { readonly edgeId: string }) | undefined> {
  return withSnapshot(async (client) => {
    const { rows } = await client.query<FlowRowColumns & { edgeId: string }>(
      `SELECT ${FLOW_ROW}, v.edge_id::text AS "edgeId" FROM flow_record r JOIN edge_variant v ON v.id = r.variant_id
       WHERE r.dataset = $1 AND r.start_at = $2::bigint AND r.record_key = $3::bigint LIMIT 1`,
      [dataset, startNs, recordKey],
    )
    const [flow] = await readFlows(client, rows)
    const edgeId = rows[0]?.edgeId
    return flow && edgeId !== undefined ? { ...flow, edgeId } : undefined
  })
}
