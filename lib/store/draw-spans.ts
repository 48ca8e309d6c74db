import 'server-only'
import { CALLERS, type EndpointIdentity } from '@/lib/model/endpoint'
import type { PreparedBridge, PreparedSpan, SpanMeaning, SpanRole } from '@/lib/model/prepared-spans'
import type { Span } from '@/lib/model/span'
import type { AddressHolders } from './load-address-holders'
import type { FocusSpan, StoredSpan } from './load-trace-spans'
import { edgeRow, endpointRow, type SpanEdge } from './place-spans'
import type { EdgeRow, EndpointRow } from './save-dictionaries'
import type { PlacedSpan } from './save-spans'
import { storeText } from './store-json'

/** What relinking is asked to do. */
export interface TraceWork {
  readonly dataset: string
  /** Spans that came now; none when only time has passed. */
  readonly spans: readonly PreparedSpan[]
  readonly bridges: readonly PreparedBridge[]
  /** Stored spans whose waiting is over. */
  readonly due: readonly (FocusSpan & { readonly startMs: number })[]
  readonly meaning: SpanMeaning
  readonly nowMs: number
  /** How long after a span's end its missing half is waited for. */
  readonly settleMs: number
}

/** A span of the traces at hand, from the body or from the store. */
export interface TraceSpan {
  readonly span: Span
  readonly cluster?: string
  readonly endpointId?: string
  readonly stored?: StoredSpan
}

/** Who emitted a span, kept or dropped. */
export interface Emitter {
  readonly cluster: string
  readonly endpointId: string
}

const NO_ROLE: SpanRole = { countsCall: false, countsAiCall: false, countsTokens: false, hasFailed: false }

/** `traceId:spanId`. */
export const keyOf = (span: { readonly traceId: string; readonly spanId: string }): string =>
  `${span.traceId}:${span.spanId}`

/** Whether a span's other half is waited for no longer. */
export const isOver = ({ endMs }: Span, { nowMs, settleMs }: TraceWork): boolean => endMs + settleMs <= nowMs

/** Where the caller of a received call may be found, the surest first. formats: OTLP §3.3 step 5. */
export function callerAddresses({ entry }: Span, role: SpanRole | undefined): string[] {
  const by = role?.caller?.by
  if (by !== 'root' && by !== 'absent') return []
  return [by === 'root' ? entry?.clientIp : undefined, entry?.peerIp].filter((ip) => ip !== undefined)
}

/** Turns roles into edges, and gathers the dictionary rows that they need. */
export class Drawing {
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
    const claimed = this.claimedProvider(key, span, role)
    const edge = claimed?.edge ?? (role.edgeSpan ? this.edgeOfCall(role.edgeSpan) : span.ai ? received.edge : undefined)
    const namedEdge = this.namedEdge(key)
    const settleAtMs =
      received.isAwaited || claimed?.isAwaited
        ? Math.ceil(span.endMs + this.work.settleMs)
        : this.nameSettlesAt(key, item, role)
    return {
      span,
      countsCall: role.countsCall || claimed?.edge !== undefined,
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

  /**
   * A model call of which neither host nor request ever came (Python clients that no HTTP instrumentation sees): the provider
   * that the span names is all that is known of where it went, and is said to be that.
   */
  private claimedProvider(
    key: string,
    span: Span,
    role: SpanRole,
  ): { readonly edge?: string; readonly isAwaited: boolean } | undefined {
    const emitter = this.emitters.get(key)
    const name = span.ai?.providerName
    if (!role.countsAiCall || role.edgeSpan || role.caller || !emitter || !name) return undefined
    if (!isOver(span, this.work)) return { isAwaited: true }
    const { dataset } = this.work
    const end = endpointRow(dataset, emitter.cluster, { class: 'claimed', namespace: '', name: cleanClaim(name) })
    this.endpoint(end)
    return { edge: this.edge(edgeRow(dataset, emitter.cluster, [emitter.endpointId, end.id], 0)), isAwaited: false }
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

/** Identities are hashed and stored: what Postgres cannot store must go before. */
const cleanClaim = (name: string): string => storeText(name).slice(0, 64)

/** The port that was called: the one listened on, else the one that the caller named, else the one that the callee was told. */
const portOf = (call: Span | undefined, { entry }: Span): number =>
  entry?.listenPort ?? call?.peer?.port ?? entry?.port ?? 0
