import type { Span, SpanKind } from '@/lib/model/span'
import { isModelOperation } from './genai'

/** The parent link of a span that was not kept: lets a walk up the trace see past it. */
export interface SpanBridge {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly kind: SpanKind
  /** Who emitted it, as `emitterKey` writes it. */
  readonly emitter: string
}

/** What a span means among the spans of its trace. Keys are those of `spanKey`. */
export interface CallLink {
  /** The leaf transport span of a call: it adds one call to its edge. */
  readonly countsCall: boolean
  /** The innermost GenAI span of a model call: it adds one AI call to the edge that its facts stand on. */
  readonly countsAiCall: boolean
  /** Its tokens may be added: no span within it, of the same service, says them too. */
  readonly countsTokens: boolean
  /**
   * The span whose `peer` names the edge to draw this span on: itself where it has a peer, else for a model call the
   * transport span within it. undefined = no edge known from these spans; the facts wait for the trace's other spans.
   */
  readonly edgeSpan?: string
  /** On a transport span: the GenAI spans without a host whose facts belong to this call. */
  readonly carriesFactsOf: readonly string[]
}

interface Node {
  readonly key: string
  readonly parent?: string
  readonly emitter: string
  readonly kind: SpanKind
  readonly span?: Span
}

/** Ancestors looked at per span: deeper nesting inside one service is not real, and a forged loop must end. */
const MAX_CLIMB = 64

export const spanKey = (span: { readonly traceId: string; readonly spanId: string }): string =>
  `${span.traceId}:${span.spanId}`

/** One service of one workload: calls nest within it, and a call to another one starts afresh. */
export const emitterKey = (span: Pick<Span, 'workload' | 'serviceName' | 'cluster'>): string =>
  [span.cluster ?? '', span.workload.namespace, span.workload.name, span.serviceName].join('\n')

/**
 * Says which spans count what, so that one model call is one call, one AI call and its tokens once, however many
 * instrumentations saw it (formats: OTLP §3.3 step 3, and decision 9 there). Transport is a CLIENT or PRODUCER span with a
 * peer; it counts where no transport span lies within it in the same service. GenAI facts stand on the span's own host,
 * else on the transport span within it: an HTTP POST before others, a retry's last attempt, never a database call.
 *
 * Spans come in any order; give those of the whole trace as far as known (a batch, or the stored spans and the batch).
 * Unknown parents are roots. Cost: linear, at most 64 steps per span.
 */
export function linkCalls(spans: readonly Span[], bridges: readonly SpanBridge[] = []): Map<string, CallLink> {
  const climb = climber(spans, bridges)
  const withTransportInside = new Set<string>()
  const withAiCallInside = new Set<string>()
  const withTokensInside = new Set<string>()
  const transportOf = new Map<string, Span>()
  for (const span of spans) {
    const isCall = isTransport(span)
    let wantsOwner = isCall && !(span.ai && isModelOperation(span.ai.operation))
    for (const { key, span: outer } of climb(span)) {
      if (isCall) withTransportInside.add(key)
      if (isAiCall(span)) withAiCallInside.add(key)
      if (span.ai?.countsTokens && hasTokens(span)) withTokensInside.add(key)
      if (wantsOwner && outer?.ai && isModelOperation(outer.ai.operation)) {
        wantsOwner = false
        if (!outer.peer) transportOf.set(key, betterCarrier(transportOf.get(key), span))
      }
    }
  }
  const links = new Map<string, CallLink>()
  for (const span of spans) {
    const key = spanKey(span)
    const carrier = transportOf.get(key)
    const edgeSpan = span.peer ? key : carrier && isCarrier(carrier) ? spanKey(carrier) : undefined
    const isLeaf = !withTransportInside.has(key)
    links.set(key, {
      countsCall: isLeaf && (isTransport(span) || (span.peer !== undefined && isAiCall(span))),
      countsAiCall: isAiCall(span) && !withAiCallInside.has(key),
      countsTokens: span.ai?.countsTokens === true && !withTokensInside.has(key),
      ...(edgeSpan && { edgeSpan }),
      carriesFactsOf: [],
    })
  }
  return withCarriedFacts(links)
}

function withCarriedFacts(links: Map<string, CallLink>): Map<string, CallLink> {
  for (const [key, link] of links) {
    const carrier = link.edgeSpan !== undefined && link.edgeSpan !== key ? links.get(link.edgeSpan) : undefined
    if (carrier && link.edgeSpan)
      links.set(link.edgeSpan, { ...carrier, carriesFactsOf: [...carrier.carriesFactsOf, key] })
  }
  return links
}

/**
 * The spans with their `enclosingSpanId`, where the parent is an ignored span of the same service: so that later batches of
 * the trace, which do not know the ignored ones any more, nest them the same way. Ignored SERVER spans end the nesting.
 */
export function withEnclosingSpans(spans: readonly Span[], bridges: readonly SpanBridge[]): Span[] {
  const bridgeOf = new Map(bridges.map((bridge) => [spanKey(bridge), bridge]))
  return spans.map((span) => {
    if (span.kind === 'server' || span.kind === 'consumer') return span
    const emitter = emitterKey(span)
    let id = span.parentSpanId
    for (let step = 0; step < MAX_CLIMB && id !== undefined; step += 1) {
      const bridge = bridgeOf.get(`${span.traceId}:${id}`)
      if (!bridge) break
      if (bridge.emitter !== emitter || bridge.kind === 'server' || bridge.kind === 'consumer') return span
      id = bridge.parentSpanId
    }
    return id === undefined || id === span.parentSpanId ? span : { ...span, enclosingSpanId: id }
  })
}

/** Walks from a span to its ancestors within the same service, the span itself left out. */
function climber(spans: readonly Span[], bridges: readonly SpanBridge[]): (span: Span) => Generator<Node> {
  const nodes = new Map<string, Node>()
  for (const bridge of bridges) {
    const key = spanKey(bridge)
    nodes.set(key, {
      key,
      parent: `${bridge.traceId}:${bridge.parentSpanId}`,
      emitter: bridge.emitter,
      kind: bridge.kind,
    })
  }
  for (const span of spans) {
    const key = spanKey(span)
    const parentId = span.enclosingSpanId ?? span.parentSpanId
    const parent = parentId && `${span.traceId}:${parentId}`
    nodes.set(key, { key, ...(parent && { parent }), emitter: emitterKey(span), kind: span.kind, span })
  }
  return function* climb(span) {
    const start = nodes.get(spanKey(span))
    let node = start
    for (let step = 0; step < MAX_CLIMB && node?.parent; step += 1) {
      // A SERVER or CONSUMER span is where its process was entered: what lies above it is another call.
      if (node.kind === 'server' || node.kind === 'consumer') return
      const parent = nodes.get(node.parent)
      if (!parent || parent === start || parent.emitter !== start?.emitter) return
      yield parent
      node = parent
    }
  }
}

const isTransport = (span: Span): boolean =>
  span.peer !== undefined && (span.kind === 'client' || span.kind === 'producer')

const isAiCall = (span: Span): boolean => span.ai?.countsTokens === true && isModelOperation(span.ai.operation)

const hasTokens = (span: Span): boolean =>
  span.ai !== undefined && (span.ai.inputTokens !== undefined || span.ai.outputTokens !== undefined)

/** Whether a transport span can be a model call at all; gateways also talk to their database inside the same span. */
const isCarrier = (span: Span): boolean =>
  !('db.system' in span.attributes || 'db.system.name' in span.attributes || 'messaging.system' in span.attributes)

function betterCarrier(known: Span | undefined, other: Span): Span {
  if (!known) return other
  const byRank = rank(other) - rank(known)
  if (byRank !== 0) return byRank > 0 ? other : known
  if (other.startMs !== known.startMs) return other.startMs > known.startMs ? other : known
  return other.spanId > known.spanId ? other : known
}

function rank(span: Span): number {
  if (!isCarrier(span)) return 0
  const method = span.attributes['http.request.method'] ?? span.attributes['http.method']
  return method === 'POST' ? 2 : 1
}
