import 'server-only'
import { withSnapshot } from './client'
import { type FlowScope, slicesBelow, topOf } from './flow-slices'
import { sliceRows } from './load-flow-page'

/** How many kept records `loadFlowPage` would give, counted up to `bound`: an answer of so many means that or more. Indexes alone. */
export async function countFlows(scope: FlowScope, bound: number): Promise<number> {
  return withSnapshot(async (client) => {
    let total = 0
    for (const slice of slicesBelow(scope, topOf(scope.window))) {
      if (total >= bound) break
      const { sql, values } = sliceRows(scope.dataset, slice, '1', [bound - total])
      const { rows } = await client.query<{ count: number }>(
        `SELECT count(*)::float8 AS count FROM (SELECT 1 FROM ${sql('LIMIT $6')} LIMIT $6) c`,
        values,
      )
      total += rows[0]?.count ?? 0
    }
    return total
  })
}
