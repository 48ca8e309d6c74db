import 'server-only'
import type { EndpointIdentity } from '@/lib/model/endpoint'
import type { SpanRole } from '@/lib/model/prepared-spans'
import type { Span } from '@/lib/model/span'
import type { Queryable } from './client'
import { callerAddresses, Drawing, type Emitter, isOver, keyOf, type TraceSpan, type TraceWork } from './draw-spans'
import { endpointId } from './flow-ids'
import { type AddressQuestion, loadAddressHolders } from './load-address-holders'
import {
  type FocusSpan,
  groupTraces,
  loadTraces,
  placeOfTraces,
  type StoredSpan,
  type StoredTraces,
  type TracePlace,
} from './load-trace-spans'
import { endpointRow, type NamedSpan, placeSpans } from './place-spans'
import { type EdgeRow, type EndpointRow, saveEdges, saveEndpoints } from './save-dictionaries'
import type { PlacedSpan } from './save-spans'

export interface RelinkedTraces {
  readonly own: readonly PlacedSpan[]
  /** Stored spans that count otherwise or stand elsewhere, now that more is known. */
  readonly relinked: readonly PlacedSpan[]
}

/**
 * Works out, from what is stored and what came, where each span of the touched traces is drawn and what it counts, and writes
 * the endpoints and edges for it. It is a function of the rows and the time alone: any replica may do it, again and in any
 * order. The caller holds the dataset's span lock, and saves the answer in the same transaction.
 */
export async function relinkTraces(client: Queryable, work: TraceWork): Promise<RelinkedTraces> {
  const traceIds = new Set(focusOf(work).map((span) => span.traceId))
  const place = placeOfTraces(work.dataset, startsOf(work))
  const groups = await groupTraces(client, place, [...traceIds])
  const parts: RelinkedPart[] = []
  for (const group of groups)
    parts.push(await relinkGroup(client, groups.length === 1 ? work : partOf(work, group), place))
  // Once and in id order, however many groups there were: other writers insert the same rows.
  await saveEndpoints(
    client,
    parts.flatMap((part) => part.endpoints),
  )
  await saveEdges(
    client,
    parts.flatMap((part) => part.edges),
  )
  return { own: parts.flatMap((part) => part.own), relinked: parts.flatMap((part) => part.relinked) }
}

interface RelinkedPart extends RelinkedTraces {
  readonly endpoints: readonly EndpointRow[]
  readonly edges: readonly EdgeRow[]
}

/** What the work is about: what came, and what is due. */
const focusOf = (work: TraceWork): FocusSpan[] => [
  ...work.spans.map((item) => item.span),
  ...work.bridges.map((item) => item.bridge),
  ...work.due,
]

/** When what the work is about started; of links alone it is only known when they came. */
const startsOf = (work: TraceWork): number[] => [
  ...work.spans.map(({ span }) => span.startMs),
  ...work.due.map(({ startMs }) => startMs),
  ...(work.bridges.length > 0 ? [work.nowMs] : []),
]

const partOf = (work: TraceWork, traces: ReadonlySet<string>): TraceWork => ({
  ...work,
  spans: work.spans.filter((item) => traces.has(item.span.traceId)),
  bridges: work.bridges.filter((item) => traces.has(item.bridge.traceId)),
  due: work.due.filter((span) => traces.has(span.traceId)),
})

async function relinkGroup(client: Queryable, work: TraceWork, place: TracePlace): Promise<RelinkedPart> {
  const { dataset } = work
  const focus = focusOf(work)
  const stored = await loadTraces(client, place, focus)
  const ids = endpointIds(dataset)
  const spans = traceSpans(work, stored, ids)
  const bridges = [...stored.bridges, ...work.bridges.map((item) => item.bridge)]
  const roles = work.meaning.link(
    [...spans.values()].map((item) => item.span),
    bridges,
  )
  const holderOf = await loadAddressHolders(client, dataset, addressesOf(work, spans, roles))
  const named = await placeSpans(client, dataset, namedSpans(work, spans, ids), { holderOf, known: emitted(work, ids) })
  const drawing = new Drawing(work, spans, emittersOf(work, stored, spans, ids), roles, named, holderOf)
  const placed = [...spans].map(([key, item]) => ({ key, item, row: drawing.place(key, item) }))
  const near = nearFocus(focus)
  return {
    endpoints: [...emitterRows(work, ids), ...drawing.endpoints],
    edges: drawing.edges,
    own: placed.flatMap(({ item, row }) => (item.stored ? [] : [row])),
    relinked: placed.flatMap(({ key, item, row }) => {
      if (!item.stored || isSame(item.stored, row)) return []
      // Of a trace that was read in part, only what is close to the new spans is surely known.
      return stored.partial.has(item.span.traceId) && !near(key, item.span) ? [] : [row]
    }),
  }
}

type EndpointIds = (client: EndpointIdentity, cluster: string) => string

/** Ids by content; the spans of a resource share their emitter, which is hashed once. */
function endpointIds(dataset: string): EndpointIds {
  const known = new Map<EndpointIdentity, { readonly cluster: string; readonly id: string }>()
  return (client, cluster) => {
    const before = known.get(client)
    if (before?.cluster === cluster) return before.id
    const id = endpointId(dataset, cluster, client)
    known.set(client, { cluster, id })
    return id
  }
}

function traceSpans(work: TraceWork, stored: StoredTraces, ids: EndpointIds): Map<string, TraceSpan> {
  const spans = new Map<string, TraceSpan>()
  for (const row of stored.spans)
    spans.set(keyOf(row.span), { span: row.span, cluster: row.cluster, endpointId: row.endpointId, stored: row })
  for (const { span, cluster, client } of work.spans)
    spans.set(keyOf(span), { span, cluster, endpointId: ids(client, cluster) })
  return spans
}

function emittersOf(
  { bridges }: TraceWork,
  stored: StoredTraces,
  spans: ReadonlyMap<string, TraceSpan>,
  ids: EndpointIds,
): ReadonlyMap<string, Emitter> {
  const emitters = new Map<string, Emitter>(stored.bridges.map((bridge) => [keyOf(bridge), bridge]))
  for (const { bridge, cluster, client } of bridges)
    emitters.set(keyOf(bridge), { cluster, endpointId: ids(client, cluster) })
  for (const [key, { cluster, endpointId: id }] of spans)
    if (cluster !== undefined && id !== undefined) emitters.set(key, { cluster, endpointId: id })
  return emitters
}

function emitterRows({ dataset, spans, bridges }: TraceWork, ids: EndpointIds): EndpointRow[] {
  const rows = new Map<string, EndpointRow>()
  for (const { cluster, client } of [...spans, ...bridges]) {
    const id = ids(client, cluster)
    if (!rows.has(id)) rows.set(id, endpointRow(dataset, cluster, client))
  }
  return [...rows.values()]
}

/** Workloads that are known by this very body. */
const emitted = ({ spans, bridges }: TraceWork, ids: EndpointIds): ReadonlySet<string> =>
  new Set([...spans, ...bridges].map(({ client, cluster }) => ids(client, cluster)))

/** Spans whose own names must be looked up: those that came, and those whose names were to be looked up again by now. */
function namedSpans(work: TraceWork, spans: ReadonlyMap<string, TraceSpan>, ids: EndpointIds): NamedSpan[] {
  const sent = work.spans.flatMap(({ span, cluster, client, server }) =>
    server ? [{ key: keyOf(span), cluster, clientId: ids(client, cluster), startMs: span.startMs, server }] : [],
  )
  const due = work.due.flatMap((span): NamedSpan[] => {
    const item = spans.get(keyOf(span))
    const server = item?.stored?.namedEdgeId ? work.meaning.serverOf(item.span) : undefined
    if (!item?.cluster || !item.endpointId || !server) return []
    const { cluster, endpointId: clientId } = item
    return [{ key: keyOf(span), cluster, clientId, startMs: item.span.startMs, server }]
  })
  return [...sent, ...due]
}

function addressesOf(
  work: TraceWork,
  spans: ReadonlyMap<string, TraceSpan>,
  roles: ReadonlyMap<string, SpanRole>,
): AddressQuestion[] {
  const callees = work.spans.flatMap(({ span, cluster, server }) =>
    server?.address ? [{ cluster, ip: server.address, atMs: span.startMs }] : [],
  )
  const callers = [...spans].flatMap(([key, { span, cluster }]) =>
    cluster !== undefined && isOver(span, work)
      ? callerAddresses(span, roles.get(key)).map((ip) => ({ cluster, ip, atMs: span.startMs }))
      : [],
  )
  return [...callees, ...callers]
}

function nearFocus(focus: readonly FocusSpan[]): (key: string, span: Span) => boolean {
  const keys = new Set(focus.map(keyOf))
  const parents = new Set(focus.flatMap((span) => (span.parentSpanId ? [`${span.traceId}:${span.parentSpanId}`] : [])))
  return (key, span) => keys.has(key) || parents.has(key) || keys.has(`${span.traceId}:${span.parentSpanId}`)
}

const isSame = (stored: StoredSpan, row: PlacedSpan): boolean =>
  stored.namedEdgeId === row.namedEdgeId &&
  stored.edgeId === row.edgeId &&
  stored.receivedEdgeId === row.receivedEdgeId &&
  stored.countsCall === row.countsCall &&
  stored.countsAiCall === row.countsAiCall &&
  stored.hasFailed === row.hasFailed &&
  stored.settleAtMs === row.settleAtMs &&
  stored.hasTokens === (row.countsTokens && (row.span.ai?.inputTokens ?? row.span.ai?.outputTokens) !== undefined)
