import 'server-only'
import { CALLERS, type EndpointIdentity } from '@/lib/model/endpoint'
import type { PreparedBridge, PreparedSpan, SpanMeaning, SpanRole } from '@/lib/model/prepared-spans'
import type { Span } from '@/lib/model/span'
import type { Queryable } from './client'
import { endpointId } from './flow-ids'
import { type AddressHolders, type AddressQuestion, loadAddressHolders } from './load-address-holders'
import { type FocusSpan, groupTraces, loadTraces, type StoredSpan, type StoredTraces } from './load-trace-spans'
import { edgeRow, endpointRow, type NamedSpan, placeSpans, type SpanEdge } from './place-spans'
import { type EdgeRow, type EndpointRow, saveEdges, saveEndpoints } from './save-dictionaries'
import type { PlacedSpan } from './save-spans'

export interface TraceWork {
  readonly dataset: string
  /** Spans that came now; none when only time has passed. */
  readonly spans: readonly PreparedSpan[]
  readonly bridges: readonly PreparedBridge[]
  /** Stored spans whose waiting is over. */
  readonly due: readonly FocusSpan[]
  readonly meaning: SpanMeaning
  readonly nowMs: number
  /** How long after a span's end its missing half is waited for. */
  readonly settleMs: number
}

export interface RelinkedTraces {
  readonly own: readonly PlacedSpan[]
  /** Stored spans that count otherwise or stand elsewhere, now that more is known. */
  readonly relinked: readonly PlacedSpan[]
}

/** A span of the traces at hand, from the body or from the store. */
interface TraceSpan {
  readonly span: Span
  readonly cluster?: string
  readonly endpointId?: string
  readonly stored?: StoredSpan
}

interface Emitter {
  readonly cluster: string
  readonly endpointId: string
}

const NO_ROLE: SpanRole = { countsCall: false, countsAiCall: false, countsTokens: false, hasFailed: false }
const keyOf = (span: { readonly traceId: string; readonly spanId: string }): string => `${span.traceId}:${span.spanId}`

/**
 * Works out, from what is stored and what came, where each span of the touched traces is drawn and what it counts, and writes
 * the endpoints and edges for it. It is a function of the rows and the time alone: any replica may do it, again and in any
 * order. The caller holds the dataset's span lock, and saves the answer in the same transaction.
 */
export async function relinkTraces(client: Queryable, work: TraceWork): Promise<RelinkedTraces> {
  const traceIds = new Set(focusOf(work).map((span) => span.traceId))
  const groups = await groupTraces(client, work.dataset, [...traceIds])
  const parts: RelinkedPart[] = []
  for (const group of groups) parts.push(await relinkGroup(client, groups.length === 1 ? work : partOf(work, group)))
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

const partOf = (work: TraceWork, traces: ReadonlySet<string>): TraceWork => ({
  ...work,
  spans: work.spans.filter((item) => traces.has(item.span.traceId)),
  bridges: work.bridges.filter((item) => traces.has(item.bridge.traceId)),
  due: work.due.filter((span) => traces.has(span.traceId)),
})

async function relinkGroup(client: Queryable, work: TraceWork): Promise<RelinkedPart> {
  const { dataset } = work
  const focus = focusOf(work)
  const stored = await loadTraces(client, dataset, focus)
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

const isOver = ({ endMs }: Span, { nowMs, settleMs }: TraceWork): boolean => endMs + settleMs <= nowMs

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

/** Where the caller of a received call may be found, the surest first. formats: OTLP §3.3 step 5. */
function callerAddresses({ entry }: Span, role: SpanRole | undefined): string[] {
  const by = role?.caller?.by
  if (by !== 'root' && by !== 'absent') return []
  return [by === 'root' ? entry?.clientIp : undefined, entry?.peerIp].filter((ip) => ip !== undefined)
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

/** Turns roles into edges, and gathers the dictionary rows that they need. */
class Drawing {
  readonly endpoints: EndpointRow[] = []
  readonly edges: EdgeRow[] = []
  private readonly known = new Set<string>()
  private readonly due: ReadonlySet<string>

  constructor(
    private readonly work: TraceWork,
    private readonly spans: ReadonlyMap<string, TraceSpan>,
    private readonly emitters: ReadonlyMap<string, Emitter>,
    private readonly roles: ReadonlyMap<string, SpanRole>,
    private readonly named: ReadonlyMap<string, SpanEdge>,
    private readonly holderOf: AddressHolders,
  ) {
    this.due = new Set(work.due.map(keyOf))
  }

  place(key: string, item: TraceSpan): PlacedSpan {
    const { span, cluster, endpointId: id } = item
    const role = this.roles.get(key) ?? NO_ROLE
    const received = this.receivedEdge(key, span, role)
    const edge = role.edgeSpan ? this.edgeOfCall(role.edgeSpan) : span.ai && received.edge
    const namedEdge = this.namedEdge(key)
    const settleAtMs = received.isAwaited
      ? Math.ceil(span.endMs + this.work.settleMs)
      : this.nameSettlesAt(key, item, role)
    return {
      span,
      countsCall: role.countsCall,
      countsAiCall: role.countsAiCall,
      countsTokens: role.countsTokens,
      hasFailed: role.hasFailed,
      ...(cluster !== undefined && { cluster }),
      ...(id !== undefined && { endpointId: id }),
      ...(namedEdge && { namedEdgeId: namedEdge }),
      ...(edge && { edgeId: edge }),
      ...(received.edge && { receivedEdgeId: received.edge }),
      ...(settleAtMs !== undefined && { settleAtMs }),
    }
  }

  /** A name that no workload answers to yet is looked up once more, a settle window after the span came. */
  private nameSettlesAt(key: string, { span, stored }: TraceSpan, role: SpanRole): number | undefined {
    if (role.receivedBy || role.caller || this.due.has(key)) return undefined
    if (stored) return stored.settleAtMs
    const { nowMs, settleMs } = this.work
    return this.named.get(key)?.isProvisional ? Math.ceil(Math.max(span.endMs, nowMs) + settleMs) : undefined
  }

  /** The edge of a call: between both workloads where the other half is known, else as its own names give it. */
  private edgeOfCall(key: string): string | undefined {
    const role = this.roles.get(key)
    return (role?.receivedBy && this.pairEdge(key, role.receivedBy)) || this.namedEdge(key)
  }

  private namedEdge(key: string): string | undefined {
    const placed = this.named.get(key)
    if (!placed) return this.spans.get(key)?.stored?.namedEdgeId
    for (const end of placed.ends) this.endpoint(end)
    return this.edge(placed.edge)
  }

  private receivedEdge(
    key: string,
    span: Span,
    role: SpanRole,
  ): { readonly edge?: string; readonly isAwaited: boolean } {
    const { caller } = role
    if (!caller || span.queue) return { isAwaited: false }
    if (role.queue) return { edge: this.queueEdge(key, role.queue), isAwaited: false }
    switch (caller.by) {
      case 'call':
        return { edge: this.edgeOfReceivedCall(keyOf(caller.span), key), isAwaited: false }
      case 'service':
        return { edge: this.between(caller.key, key, portOf(undefined, span)), isAwaited: false }
      case 'own':
        return { isAwaited: false }
      case 'absent':
      case 'root':
        if (span.kind === 'consumer') return { isAwaited: false }
        if (!isOver(span, this.work)) return { isAwaited: true }
        return { edge: this.edgeOfUnseenCaller(key, span, role), isAwaited: false }
    }
  }

  /** What one service received of a call stands on one edge, whichever of its spans is looked at. */
  private edgeOfReceivedCall(callKey: string, key: string): string | undefined {
    const first = this.roles.get(callKey)?.receivedBy
    const isSameService = first && this.emitters.get(first)?.endpointId === this.emitters.get(key)?.endpointId
    return this.pairEdge(callKey, isSameService ? first : key)
  }

  private pairEdge(callKey: string, receiverKey: string): string | undefined {
    const call = this.spans.get(callKey)?.span
    const receiver = this.spans.get(receiverKey)?.span
    return receiver && this.between(callKey, receiverKey, portOf(call, receiver))
  }

  private between(callerKey: string, receiverKey: string, port: number): string | undefined {
    const caller = this.emitters.get(callerKey)
    const receiver = this.emitters.get(receiverKey)
    if (!caller || !receiver) return undefined
    return this.edge(edgeRow(this.work.dataset, caller.cluster, [caller.endpointId, receiver.endpointId], port))
  }

  private queueEdge(key: string, name: string): string | undefined {
    const receiver = this.emitters.get(key)
    const { identity, serverPort, protocol } = this.work.meaning.queueEnd(name)
    return receiver && this.fromNode(receiver, identity, serverPort, protocol)
  }

  private edgeOfUnseenCaller(key: string, span: Span, role: SpanRole): string | undefined {
    const receiver = this.emitters.get(key)
    if (!receiver) return undefined
    const { cluster } = receiver
    const holder = callerAddresses(span, role)
      .map((ip) => this.holderOf({ cluster, ip, atMs: span.startMs }))
      .find((found) => found !== undefined)
    const name = role.caller?.by === 'root' ? CALLERS.root : CALLERS.absent
    return this.fromNode(receiver, holder ?? { class: 'caller', namespace: '', name }, portOf(undefined, span))
  }

  private fromNode(receiver: Emitter, identity: EndpointIdentity, port: number, protocol?: string): string {
    const { dataset } = this.work
    const end = endpointRow(dataset, receiver.cluster, identity)
    this.endpoint(end)
    return this.edge(edgeRow(dataset, receiver.cluster, [end.id, receiver.endpointId], port, protocol))
  }

  private endpoint(row: EndpointRow): void {
    if (this.known.has(row.id)) return
    this.known.add(row.id)
    this.endpoints.push(row)
  }

  private edge(row: EdgeRow): string {
    if (!this.known.has(row.edgeId)) this.edges.push(row)
    this.known.add(row.edgeId)
    return row.edgeId
  }
}

/** The port that was called: the one listened on, else the one that the caller named, else the one that the callee was told. */
const portOf = (call: Span | undefined, { entry }: Span): number =>
  entry?.listenPort ?? call?.peer?.port ?? entry?.port ?? 0
