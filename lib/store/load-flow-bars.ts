import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import type { TrafficCounts } from '@/lib/model/traffic-count'
import type { UnixMillis } from '@/lib/model/units'
import { withSnapshot } from './client'
import { bucketRows, loadBucketState } from './load-bucket-sums'
import { notCoarserThan, planBuckets } from './plan-buckets'

/** A way of reporting, as far as bars tell ways apart. */
export interface BarVariant {
  readonly id: string
  readonly edgeId: string
  /** Reports of one side are added, of both sides the larger counts. */
  readonly side: string
  /** What the server's side denied did not pass, whatever the client's says. */
  readonly isServer: boolean
  readonly kind: keyof TrafficCounts
}

/** Sums of the edges of one bar that have the same units: what of them counts is decided by their reader. */
export interface BarSums extends TrafficCounts {
  readonly startMs: UnixMillis
}

const KINDS = ['passed', 'denied', 'other'] as const
const UNITS = ['connections', 'requests', 'events'] as const
const PAIRS = KINDS.flatMap((kind) => UNITS.map((unit) => ({ kind, unit, name: `${kind}_${unit}` })))

/** Sums within a side, per bar and edge. */
const OF_SIDE = PAIRS.map(
  ({ kind, unit, name }) => `coalesce(sum(${unit}::float8) FILTER (WHERE w.kind = '${kind}'), 0) AS ${name}`,
).join(', ')
/** The larger side's. */
const OF_EDGE = PAIRS.map(({ name }) =>
  name === 'passed_connections'
    ? `CASE WHEN bool_or(is_server AND has_denied) THEN coalesce(max(${name}) FILTER (WHERE is_server), 0) ELSE max(${name}) END AS ${name}`
    : `max(${name}) AS ${name}`,
).join(', ')
const anyOf = (unit: string): string => KINDS.map((kind) => `${kind}_${unit}`).join(' + ')
const ROWS = PAIRS.map(({ name }) => `sum(${name})::float8`).join(', ')

/**
 * Traffic of these ways per bar of `stepMs`, a multiple of 15 s, from buckets no coarser than a bar: a coarser one, where the finer are gone
 * or the records were longer, counts in the bar where its first record is. A bucket that overlaps the window counts whole. Edges with
 * different units (connections, requests, requests refused) are not added: a bar has up to eight rows, in the order of bars.
 */
export async function loadFlowBars(
  dataset: string,
  window: TimeRange,
  stepMs: number,
  variants: readonly BarVariant[],
): Promise<BarSums[]> {
  if (variants.length === 0) return []
  return withSnapshot(async (client) => {
    const state = await loadBucketState(client, dataset, window)
    const plan = planBuckets(window, notCoarserThan(stepMs, window, state))
    const { sql, values } = bucketRows(
      dataset,
      plan,
      variants.map(({ id }) => id),
    )
    if (sql === '') return []
    const at = values.length
    const { rows } = await client.query<[startMs: number, ...sums: number[]]>({
      text: `SELECT (bar * ${stepMs})::float8, ${ROWS}
       FROM (SELECT bar, edge, ${OF_EDGE}
         FROM (SELECT b.first_ms / ${stepMs} AS bar, w.edge, w.side, w.is_server, bool_or(w.kind = 'denied') AS has_denied, ${OF_SIDE}
           FROM (${sql}) b JOIN unnest($2::bigint[], $${at + 1}::bigint[], $${at + 2}::text[], $${at + 3}::bool[], $${at + 4}::text[])
             AS w(id, edge, side, is_server, kind) ON w.id = b.variant_id
           GROUP BY 1, 2, 3, 4) s
         GROUP BY bar, edge) e
       GROUP BY bar, denied_requests > 0, ${anyOf('connections')} > 0, ${anyOf('requests')} > 0 ORDER BY bar`,
      values: [
        ...values,
        variants.map(({ edgeId }) => edgeId),
        variants.map(({ side }) => side),
        variants.map(({ isServer }) => isServer),
        variants.map(({ kind }) => kind),
      ],
      rowMode: 'array',
    })
    return rows.map(([startMs, ...sums]) => ({ startMs, ...countsOf(sums) }))
  })
}

function countsOf(sums: readonly number[]): TrafficCounts {
  const of = (kind: (typeof KINDS)[number]) => {
    const [connections = 0, requests = 0, events = 0] = sums.slice(KINDS.indexOf(kind) * UNITS.length)
    return { connections, requests, events }
  }
  return { passed: of('passed'), denied: of('denied'), other: of('other') }
}
