import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import { withSnapshot } from './client'
import { nanoseconds } from './flow-form'
import { FLOW_ROW, type FlowRowColumns, readFlows } from './read-flows'

/** What the newest kept records of one variant tell of the wire and of the addresses at its ends. */
export interface WireRecords {
  readonly variantId: string
  readonly records: number
  /** Those that a proxy read as HTTP. */
  readonly http: number
  /** Those that encryption between nodes carried. */
  readonly encrypted: number
  readonly clientIps: readonly string[]
  readonly serverIps: readonly string[]
}

/** Newest records of a variant that are looked at. */
const RECORDS_OF_VARIANT = 8

/**
 * The newest kept records of each variant in a window, at most 8 each; variants without any are missing. Index: variant id, start, in
 * the partitions of the window; shapes by key.
 */
export async function loadWireRecords(
  dataset: string,
  window: TimeRange,
  variantIds: readonly string[],
): Promise<ReadonlyMap<string, WireRecords>> {
  if (variantIds.length === 0) return new Map()
  return withSnapshot(async (client) => {
    const { rows } = await client.query<FlowRowColumns>(
      `SELECT n.* FROM unnest($2::bigint[]) AS v(id) CROSS JOIN LATERAL (
         SELECT ${FLOW_ROW} FROM flow_record r WHERE r.dataset = $1 AND r.variant_id = v.id AND r.start_at >= $3::bigint AND r.start_at < $4::bigint
         ORDER BY r.start_at DESC LIMIT ${RECORDS_OF_VARIANT}) n`,
      [dataset, variantIds, nanoseconds(window.fromMs).toString(), nanoseconds(window.toMs).toString()],
    )
    const found = new Map<string, Tally>()
    for (const { variantId, flow } of await readFlows(client, rows)) {
      const tally = found.get(variantId) ?? { records: 0, http: 0, encrypted: 0, client: new Set(), server: new Set() }
      found.set(variantId, tally)
      tally.records += 1
      if (flow.l7?.protocol === 'http') tally.http += 1
      if (flow.raw.encrypted === true) tally.encrypted += 1
      if (flow.client.ip !== undefined) tally.client.add(flow.client.ip)
      if (flow.server.ip !== undefined) tally.server.add(flow.server.ip)
    }
    return new Map(
      [...found].map(([variantId, { client: from, server: to, ...tally }]) => [
        variantId,
        { variantId, ...tally, clientIps: [...from], serverIps: [...to] },
      ]),
    )
  })
}

interface Tally {
  records: number
  http: number
  encrypted: number
  readonly client: Set<string>
  readonly server: Set<string>
}
