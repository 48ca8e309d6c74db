import 'server-only'
import type { FlowCounts } from '@/lib/model/flow'
import type { BucketTierS, TimeRange } from '@/lib/model/time-range'
import { HOUR_MS, type UnixMillis } from '@/lib/model/units'
import { bucketFloors } from './bucket-floors'
import { COUNTERS } from './bucket-tiers'
import { type Queryable, withSnapshot } from './client'
import { bucketRows, loadBucketState } from './load-bucket-sums'
import { type BucketPlan, type BucketState, planBuckets } from './plan-buckets'

/** Sums of one variant over one frame. */
export interface FrameSum {
  readonly variantId: string
  /** Of the frames of the call, from 0. */
  readonly frame: number
  readonly counters: FlowCounts & { readonly spans: 0 }
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

export interface FrameSums {
  readonly sums: readonly FrameSum[]
  /** True where records are in it that were longer than a frame: each counts whole in the frame in which the first of its bucket began. */
  readonly hasLongRecords: boolean
}

/** Frames of one length, aligned to it; a length is a multiple of 15 s, from a minute on of a minute, from an hour on of an hour. */
export interface Frames {
  readonly fromMs: UnixMillis
  readonly stepMs: number
  readonly count: number
}

const MINUTE_MS = 60_000

/**
 * Sums per variant and frame, those of the records at any moment, from the coarsest buckets that a frame holds whole and that are
 * up to date, in one snapshot. Frames without a record have no row. With `variantIds` of these alone. Cost: a row per variant and bucket
 * read, an answer per variant and frame: the caller bounds how many frames it asks for.
 */
export async function loadFrameSums(
  dataset: string,
  frames: Frames,
  variantIds?: readonly string[],
): Promise<FrameSums> {
  if (variantIds?.length === 0) return { sums: [], hasLongRecords: false }
  const { fromMs, stepMs, count } = frames
  const window = { fromMs, toMs: fromMs + stepMs * count }
  return withSnapshot(async (client) => {
    const state = await loadBucketState(client, dataset, window)
    const plan = planBuckets(window, notCoarserThan(stepMs, window, state))
    const { sql, values } = bucketRows(dataset, plan, variantIds)
    if (sql === '') return { sums: [], hasLongRecords: false }
    // Sums of a large cluster, which would be sorted on disk within what a session may use by itself.
    await client.query(`SET LOCAL work_mem = '64MB'`)
    const { rows } = await client.query<FrameColumns>({
      text: `SELECT variant_id::text, frame::int, ${SUMS} FROM (
               SELECT b.*, greatest(0, (first_ms - ${fromMs}) / ${stepMs}) AS frame FROM (${sql}) b
               WHERE last_ms >= ${fromMs} AND first_ms < ${window.toMs}) b GROUP BY variant_id, frame`,
      values,
      rowMode: 'array',
    })
    return { sums: rows.map(sumOf), hasLongRecords: await hasLong(client, dataset, plan, variantIds) }
  })
}

/** From when on live rows of each grain are there; of pinned datasets all are. */
export async function loadKeptSince(dataset: string): Promise<Record<'slots' | 'minutes' | 'hours', UnixMillis>> {
  const floors = dataset === '' ? await withSnapshot(bucketFloors) : undefined
  const since = (grainS: BucketTierS) => floors?.get(grainS) ?? Number.NEGATIVE_INFINITY
  return { slots: since(15), minutes: since(60), hours: since(3600) }
}

/** As if coarser buckets than a frame were all out of date: their rows cannot be told apart by frames. */
function notCoarserThan(stepMs: number, window: TimeRange, state: BucketState): BucketState {
  return {
    ...state,
    ...(stepMs < HOUR_MS && { changedHours: startsOf(window, HOUR_MS) }),
    ...(stepMs < MINUTE_MS && { changedMinutes: startsOf(window, MINUTE_MS) }),
  }
}

function startsOf({ fromMs, toMs }: TimeRange, grainMs: number): ReadonlySet<UnixMillis> {
  const starts = new Set<UnixMillis>()
  for (let start = Math.floor(fromMs / grainMs) * grainMs; start < toMs; start += grainMs) starts.add(start)
  return starts
}

/** Whether rows were read that came in coarser than the finest grain that the plan reads beside them. */
async function hasLong(
  client: Queryable,
  dataset: string,
  { directHours, directMinutes }: BucketPlan,
  variantIds: readonly string[] | undefined,
): Promise<boolean> {
  const none = { hours: [], minutes: [], slots: [] }
  const { sql, values } = bucketRows(dataset, { ...none, directHours, directMinutes }, variantIds)
  if (sql === '') return false
  const { rows } = await client.query<{ found: boolean }>(`SELECT EXISTS (${sql}) AS found`, values)
  return rows[0]?.found ?? false
}

// Exact up to 2^53, and without the cost of numeric, which sums of bigint are.
const SUMS = [...COUNTERS.map((name) => `sum(${name}::float8)`), 'min(first_ms)::float8', 'max(last_ms)::float8'].join(
  ', ',
)

type Sum = number | null
type FrameColumns = [
  id: string,
  frame: number,
  c: Sum,
  e: Sum,
  r: Sum,
  re: Sum,
  bs: Sum,
  br: Sum,
  firstMs: number,
  lastMs: number,
]

const sumOf = ([id, frame, c, e, r, re, bs, br, firstMs, lastMs]: FrameColumns): FrameSum => ({
  variantId: id,
  frame,
  counters: {
    connections: c ?? 0,
    events: e ?? 0,
    requests: r ?? 0,
    requestErrors: re ?? 0,
    spans: 0,
    bytesSent: bs ?? 0,
    bytesReceived: br ?? 0,
  },
  firstMs,
  lastMs,
})
