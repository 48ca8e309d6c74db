import 'server-only'
import type { FlowCounts } from '@/lib/model/flow'
import { LIMITS } from '@/lib/model/limits'
import type { TimeRange } from '@/lib/model/time-range'
import { withSnapshot } from './client'
import { FLOW_ROW, type FlowRowColumns, readFlows } from './read-flows'
import { windowRecords } from './window-records'

/** What of a stored flow record says which pods talked, and how much. */
export interface PodRecordRow {
  readonly variantId: string
  readonly clientPod?: string
  readonly serverPod?: string
  readonly clientIp?: string
  readonly counts: FlowCounts
  readonly repeats: boolean
  readonly startMs: number
  readonly endMs: number
}

/** Records of one variant, at least and at most: none crowds the others out, and none is read without end. */
const OF_VARIANT = { least: 5, most: 500 } as const
/** As far as the rest of one variant is counted. */
const MOST_COUNTED = 1000

/**
 * The newest stored flow records of variants in a window, at most `podRecords` in all, in the order of the variants: who gives
 * denials first reads them first. `left` counts what was not read, per variant up to 1,000. Per variant by index flow_record (variant
 * id, start), in the partitions of the window; with `isInterval` (Calico) also in those of the longest interval before it.
 */
export async function loadPodRecords(
  dataset: string,
  window: TimeRange,
  variantIds: readonly string[],
  isInterval: boolean,
): Promise<{ records: PodRecordRow[]; left: number }> {
  if (variantIds.length === 0) return { records: [], left: 0 }
  const share = Math.floor(LIMITS.podRecords / variantIds.length)
  const ofVariant = Math.min(OF_VARIANT.most, Math.max(OF_VARIANT.least, share))
  return withSnapshot(async (client) => {
    const read = variantIds.slice(0, LIMITS.podRecords)
    const { values, rowsOf } = windowRecords(dataset, read, window, isInterval)
    const { rows } = await client.query<FlowRowColumns>(
      `SELECT n.* FROM unnest($2::bigint[]) WITH ORDINALITY AS v(id, place)
       CROSS JOIN LATERAL (${rowsOf(FLOW_ROW, 'ORDER BY r.start_at DESC LIMIT $6')}) n ORDER BY v.place LIMIT $7`,
      [...values, ofVariant, LIMITS.podRecords],
    )
    const counted = await client.query<{ total: number }>(
      `SELECT coalesce(sum(n.rows), 0)::float8 AS total FROM unnest($2::bigint[]) AS v(id)
       CROSS JOIN LATERAL (SELECT count(*) AS rows FROM (${rowsOf('1', `LIMIT ${MOST_COUNTED}`)}) c) n`,
      values,
    )
    const records = (await readFlows(client, rows)).map(({ variantId, flow }): PodRecordRow => {
      const { client: from, server: to } = flow
      return {
        variantId,
        ...(from.pod !== undefined && { clientPod: from.pod }),
        ...(to.pod !== undefined && { serverPod: to.pod }),
        ...(from.ip !== undefined && { clientIp: from.ip }),
        counts: flow.counts,
        repeats: flow.repeatsSiblingCounts ?? false,
        startMs: flow.startMs,
        endMs: flow.endMs,
      }
    })
    return { records, left: Math.max(0, (counted.rows[0]?.total ?? 0) - rows.length) }
  })
}
