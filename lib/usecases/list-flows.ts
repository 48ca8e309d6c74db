import 'server-only'
import { AppError } from '@/lib/errors'
import { countTraffic, TRAFFIC_OF } from '@/lib/graph/count-traffic'
import type { FlowRow, SpanRow } from '@/lib/model/edge-detail'
import {
  ALL_FLOWS,
  type FlowBar,
  type FlowCount,
  type FlowCursor,
  type FlowFilter,
  type FlowHistogram,
  type FlowListRow,
  type FlowPosition,
  isByRecord,
} from '@/lib/model/flow-list'
import { LIMITS } from '@/lib/model/limits'
import type { TimeRange } from '@/lib/model/time-range'
import { addTrafficCounts, trafficTotal } from '@/lib/model/traffic-count'
import { DAY_MS, HOUR_MS } from '@/lib/model/units'
import { countFlows } from '@/lib/store/count-flows'
import { topOf } from '@/lib/store/flow-slices'
import { type BarVariant, loadFlowBars } from '@/lib/store/load-flow-bars'
import { loadFlowPage, type PlacedFlow } from '@/lib/store/load-flow-page'
import { loadFlowRecord } from '@/lib/store/load-flow-record'
import { loadViewSpans } from '@/lib/store/load-view-spans'
import { flowListRow } from './flow-list-row'
import { type FlowRequest, type FlowSelection, flowWindow, type SelectedVariant, selectFlows } from './select-flows'

/** Rows that are read at once where a filter must read each. */
const READ_AT_ONCE = 1000

export interface ListedFlows {
  readonly rows: readonly FlowListRow[]
  readonly window: TimeRange
  readonly edges: number
  readonly next?: FlowCursor
  readonly looked?: number
}

/**
 * A page of the kept records that a view means, newest first, at most `limit`. Where a filter must read each record, at most
 * `LIMITS.flowLookedAt` are read: the page may then be short, even empty, and go on. Errors: `unavailable`.
 */
export async function listFlows(
  request: FlowRequest,
  nowMs: number,
  limit: number,
  cursor?: FlowCursor,
): Promise<ListedFlows> {
  const window = cursor?.window ?? flowWindow(request.query, nowMs)
  const selection = await selectFlows(request, window, nowMs, cursor !== undefined)
  const { flows, next, looked } = await matchingFlows(selection, request.filter, limit, cursor?.after)
  return {
    rows: flows.flatMap((flow) => flowListRow(flow, selection) ?? []),
    window,
    edges: selection.edges.length,
    ...(next && { next: { after: next, window } }),
    ...(mustRead(selection, request.filter) && { looked }),
  }
}

const mustRead = (selection: FlowSelection, filter: FlowFilter): boolean =>
  isByRecord(filter) || selection.pods.length > 0

/** Up to `limit` records behind a position that a request means, and how many were read for it. */
export async function matchingFlows(
  selection: FlowSelection,
  filter: FlowFilter,
  limit: number,
  from: FlowPosition = topOf(selection.window),
): Promise<{ flows: readonly PlacedFlow[]; next?: FlowPosition; looked: number }> {
  if (!mustRead(selection, filter)) {
    const page = await loadFlowPage(selection.scope, limit, from)
    return { ...page, looked: page.flows.length }
  }
  const flows: PlacedFlow[] = []
  let after: FlowPosition | undefined = from
  let looked = 0
  while (after && looked < LIMITS.flowLookedAt) {
    const page = await loadFlowPage(selection.scope, READ_AT_ONCE, after)
    for (const [index, flow] of page.flows.entries()) {
      if (!matches(flow, selection, filter)) continue
      flows.push(flow)
      if (flows.length === limit)
        return { flows, next: { startNs: flow.startNs, recordKey: flow.recordKey }, looked: looked + index + 1 }
    }
    looked += page.flows.length
    after = page.next
  }
  return { flows, ...(after && { next: after }), looked }
}

function matches({ flow }: PlacedFlow, { pods }: FlowSelection, { methods, statuses }: FlowFilter): boolean {
  const names = [flow.client.pod, flow.server.pod].map((pod) => (pod ?? '').toLowerCase())
  if (!pods.every(({ text, isWhole }) => names.some((name) => (isWhole ? name === text : name.includes(text)))))
    return false
  if (methods.length > 0 && !methods.includes((flow.l7?.method ?? '').toUpperCase())) return false
  const status = flow.l7?.status
  return (
    statuses.length === 0 ||
    (status !== undefined && (statuses.includes(String(status)) || statuses.includes(`${Math.floor(status / 100)}xx`)))
  )
}

/**
 * How many kept records a view means: exactly up to `LIMITS.flowCountRows`, or where each must be read, of the newest
 * `LIMITS.flowLookedAt`. Errors: `unavailable`.
 */
export async function countOfFlows(request: FlowRequest, nowMs: number): Promise<FlowCount> {
  const window = flowWindow(request.query, nowMs)
  const selection = await selectFlows(request, window, nowMs)
  if (!mustRead(selection, request.filter)) {
    const count = await countFlows(selection.scope, LIMITS.flowCountRows + 1)
    return { count: Math.min(count, LIMITS.flowCountRows), isExact: count <= LIMITS.flowCountRows, window }
  }
  const { flows, next } = await matchingFlows(selection, request.filter, LIMITS.flowLookedAt)
  return { count: flows.length, isExact: next === undefined, window }
}

/** Bars of a window, at most 84: 15 s to 12 h and more, so that each is a whole number of buckets. */
const STEPS_MS = [15_000, 60_000, 300_000, 900_000, HOUR_MS, 3 * HOUR_MS, 12 * HOUR_MS, DAY_MS, 7 * DAY_MS]
const MOST_BARS = 84

/**
 * Traffic over the window of a view, from sums, each edge's in the units that it has in the bar (`countTraffic`). Filters that must read
 * records do not apply. Errors: `unavailable`.
 */
export async function flowHistogram(request: FlowRequest, nowMs: number): Promise<FlowHistogram> {
  const window = flowWindow(request.query, nowMs)
  const lengthMs = window.toMs - window.fromMs
  const stepMs =
    STEPS_MS.find((step) => lengthMs / step <= MOST_BARS) ?? Math.ceil(lengthMs / MOST_BARS / DAY_MS) * DAY_MS
  const { variants } = await selectFlows(request, window, nowMs)
  const sums = await loadFlowBars(request.query.dataset, window, stepMs, [...variants.values()].flatMap(barVariant))
  const bars = new Map<number, FlowBar>()
  for (const { startMs, ...sum } of sums) {
    const counts = countTraffic(sum)
    const before = bars.get(startMs)
    bars.set(startMs, { startMs, ...(before ? addTrafficCounts(before, counts) : counts) })
  }
  return { window, stepMs, bars: [...bars.values()].filter(hasTraffic) }
}

const hasTraffic = ({ passed, denied, other }: FlowBar): boolean =>
  [passed, denied, other].some((count) => trafficTotal(count) > 0)

/** Counters that repeat a sibling's are said by the sibling. */
const barVariant = ({ id, edge, source, observer, outcome, repeats }: SelectedVariant): BarVariant[] =>
  repeats
    ? []
    : [
        {
          id,
          edgeId: edge.id,
          side: `${source}/${observer}`,
          isServer: observer === 'server',
          kind: TRAFFIC_OF[outcome],
        },
      ]

/** One kept record, whole, with what its source sent. Errors: `not_found` where retention took it; `unavailable`. */
export async function readFlowRecord(dataset: string, position: FlowPosition): Promise<FlowRow> {
  const found = await loadFlowRecord(dataset, position)
  if (!found)
    throw new AppError('not_found', 'this record is not kept any more', {
      hint: 'Records go when retention takes them; sums stay longer.',
    })
  const { recordId: id, edgeId, receivedMs, flow, keptAs } = found
  return { id, edgeId, receivedMs, flow, ...(keptAs && { keptAs }) }
}

/** The newest spans of the edges of a view, or of failed calls alone, at most `LIMITS.viewSpans`. Errors: `unavailable`. */
export async function listViewSpans(
  request: Pick<FlowRequest, 'query' | 'selected'>,
  nowMs: number,
  isOnlyFailed = false,
): Promise<{ spans: readonly SpanRow[]; window: TimeRange }> {
  const window = flowWindow(request.query, nowMs)
  const { edges } = await selectFlows({ ...request, filter: ALL_FLOWS }, window, nowMs)
  const traced = edges.filter(({ counters, ai }) => counters.spans > 0 || ai !== undefined).map(({ id }) => id)
  const asked = { limit: LIMITS.viewSpans, isOnlyFailed }
  return { spans: await loadViewSpans(request.query.dataset, traced, window, asked), window }
}
