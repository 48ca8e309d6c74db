import 'server-only'
import type { FlowPosition } from '@/lib/model/flow-list'
import { type Queryable, withSnapshot } from './client'
import { NS_PER_MS, nanoseconds } from './flow-form'
import { FEW_VARIANTS, type FlowScope, type FlowSlice, isBelow, LOWEST_KEY, slicesBelow, topOf } from './flow-slices'
import { FLOW_ROW, type FlowRowColumns, readFlows, type StoredFlow } from './read-flows'
import { uuidOf } from './record-key'
import { END_MS } from './window-records'

/** A stored record with its place in the order. */
export type PlacedFlow = StoredFlow & FlowPosition

export interface StoredFlowPage {
  /** Without rows whose shape retention took a moment before. */
  readonly flows: readonly PlacedFlow[]
  /** The last row that was read; there where more may follow. */
  readonly next?: FlowPosition
}

/** So many of the newest records are read as they come before records are looked up by how they were reported. */
const WALKED = 5000

/**
 * Kept records behind a position, newest first by start and key, at most `limit`. A page behind the last row of the one before neither
 * repeats nor leaves out what was there when the first was read.
 *
 * Of a few ways of reporting each is looked up by the index of (variant, start). Of many, first the newest records are walked in the
 * order of the primary key: where much of the traffic is meant, that fills a page from a few hundred rows, while looking up thousands of
 * ways takes one probe and up to a page's rows each. Where little is meant the walk ends after 5,000 rows, and the rest is looked up
 * way by way, in stretches of time that double, so that a page costs the probes of the stretches that fill it.
 */
export async function loadFlowPage(
  scope: FlowScope,
  limit: number,
  after: FlowPosition = topOf(scope.window),
): Promise<StoredFlowPage> {
  return withSnapshot(async (client) => {
    const rows = await rowsBelow(client, scope, limit, after)
    const places = new Map(rows.map((row) => [`${uuidOf(row.recordKey, row.recordLow)}/${row.variantId}`, row]))
    const flows = (await readFlows(client, rows)).flatMap((flow) => {
      const row = places.get(`${flow.recordId}/${flow.variantId}`)
      return row ? [{ ...flow, startNs: row.startAt, recordKey: row.recordKey }] : []
    })
    const last = rows.at(-1)
    return {
      flows,
      ...(last && rows.length === limit && { next: { startNs: last.startAt, recordKey: last.recordKey } }),
    }
  })
}

async function rowsBelow(
  client: Queryable,
  scope: FlowScope,
  limit: number,
  after: FlowPosition,
): Promise<FlowRowColumns[]> {
  const rows: FlowRowColumns[] = []
  let below = after
  if (scope.variantIds.length > FEW_VARIANTS && !isBelow(after, nanoseconds(scope.window.fromMs))) {
    const walked = await walk(client, scope, limit, after)
    rows.push(...walked.rows)
    below = walked.end
  }
  for (const slice of slicesBelow(scope, below)) {
    if (rows.length >= limit) break
    rows.push(...(await lookUp(client, scope.dataset, slice, limit - rows.length)))
  }
  return rows
}

/** Of the newest records those that are meant, and where they end: all that is above `end` has been looked at. */
async function walk(
  client: Queryable,
  scope: FlowScope,
  limit: number,
  below: FlowPosition,
): Promise<{ rows: FlowRowColumns[]; end: FlowPosition }> {
  const fromNs = nanoseconds(scope.window.fromMs).toString()
  const range = `r.dataset = $1 AND r.start_at >= $2::bigint AND r.start_at <= $3::bigint AND (r.start_at < $3::bigint OR r.record_key < $4::bigint)`
  const order = 'ORDER BY r.start_at DESC, r.record_key DESC'
  const values = [scope.dataset, fromNs, below.startNs, below.recordKey]
  const ends = await client.query<FlowPosition>(
    `SELECT r.start_at::text AS "startNs", r.record_key::text AS "recordKey" FROM flow_record r WHERE ${range} ${order} OFFSET $5 LIMIT 1`,
    [...values, WALKED - 1],
  )
  const end = ends.rows[0] ?? { startNs: fromNs, recordKey: LOWEST_KEY }
  const { rows } = await client.query<FlowRowColumns>(
    `SELECT ${FLOW_ROW} FROM flow_record r WHERE ${range} AND (r.start_at > $2::bigint OR r.record_key >= $5::bigint)
       AND r.variant_id = ANY($6::bigint[]) ${order} LIMIT $7`,
    [scope.dataset, end.startNs, below.startNs, below.recordKey, end.recordKey, scope.variantIds, limit],
  )
  return { rows, end }
}

async function lookUp(client: Queryable, dataset: string, slice: FlowSlice, limit: number): Promise<FlowRowColumns[]> {
  const { sql, values } = sliceRows(dataset, slice, `${FLOW_ROW}, r.start_at, r.record_key`, [limit])
  const { rows } = await client.query<FlowRowColumns>(
    `SELECT n.* FROM ${sql('ORDER BY r.start_at DESC, r.record_key DESC LIMIT $6')}
     ORDER BY n.start_at DESC, n.record_key DESC LIMIT $6`,
    values,
  )
  return rows
}

/** Rows of a stretch as `v(id) … n`, way by way; `$6` and what follows is for the caller. */
export function sliceRows(
  dataset: string,
  { below, fromNs, variantIds, untilNs }: FlowSlice,
  columns: string,
  rest: readonly unknown[],
): { sql(tail: string): string; values: unknown[] } {
  const values = [dataset, variantIds, fromNs.toString(), below.startNs, below.recordKey, ...rest]
  if (untilNs !== undefined) values.push(untilNs.toString())
  const reaches = untilNs === undefined ? '' : `AND ${END_MS} * ${NS_PER_MS} >= $${values.length}::bigint`
  const sql = (tail: string) => `unnest($2::bigint[]) AS v(id) CROSS JOIN LATERAL (SELECT ${columns} FROM flow_record r
     WHERE r.dataset = $1 AND r.variant_id = v.id AND r.start_at >= $3::bigint AND r.start_at <= $4::bigint
       AND (r.start_at < $4::bigint OR r.record_key < $5::bigint) ${reaches} ${tail}) n`
  return { sql, values }
}
