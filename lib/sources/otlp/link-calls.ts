import type { Span, SpanBridge, SpanPeer } from '@/lib/model/span'
import { type Caller, findCallers } from './find-callers'
import { isModelOperation } from './genai'
import { climb, emitterKey, isCaller, isReceiver, MAX_CLIMB, spanKey, traceNodes } from './trace-nodes'

/** What a span means among the spans of its trace. Keys are those of `spanKey`. */
export interface CallLink {
  /** It adds one call to its edge: the leaf transport span of a call; a received call that no span of its caller counts. */
  readonly countsCall: boolean
  /** The innermost GenAI span of a model call: it adds one AI call to the edge that its facts stand on. */
  readonly countsAiCall: boolean
  /** Its tokens may be added: no span within it, of the same service, says them too, and no span of its caller. */
  readonly countsTokens: boolean
  /** The call failed, by either side's word; `isError` of the span is what this side said. */
  readonly hasFailed: boolean
  /**
   * The span whose call names the edge to draw this span on: itself where it has a peer or its other half is known, else for a
   * model call the transport span within it. undefined = no edge known from these spans; the facts wait for the trace's other spans.
   */
  readonly edgeSpan?: string
  /** On a calling span: the span that received the call. */
  readonly receivedBy?: string
  /** On a span that receives: who called. */
  readonly caller?: Caller
  /** On a span that takes a message from a queue that only the sender names: that name. */
  readonly queue?: string
  /** On a transport span: the GenAI spans without a host whose facts belong to this call. */
  readonly carriesFactsOf: readonly string[]
}

/**
 * Says which spans count what, so that one call is one call, one AI call and its tokens once, however many instrumentations
 * saw it, at either end (formats: OTLP §3.3, and decision 9 there). Transport is a CLIENT or PRODUCER span with a peer, or one
 * whose call another span received; it counts where no transport span lies within it in the same service. GenAI facts stand
 * on the span's own host, else on the transport span within it: an HTTP POST before others, a retry's last attempt, never a
 * database call; those of a span that receives, on the call that it received where it makes none.
 *
 * Spans come in any order; give those of the whole trace as far as known (a batch, or the stored spans and the batch).
 * Cost: linear, at most 64 steps per span.
 */
export function linkCalls(spans: readonly Span[], bridges: readonly SpanBridge[] = []): Map<string, CallLink> {
  const nodes = traceNodes(spans, bridges)
  const callers = findCallers(spans, nodes)
  const { receivers, further } = pairs(spans, callers)
  const isTransport = (span: Span): boolean => isCaller(span) && (!!span.peer || receivers.has(spanKey(span)))
  const withTransportInside = new Set<string>()
  const withAiCallInside = new Set<string>()
  const withTokensInside = new Set<string>()
  const transportOf = new Map<string, Span>()
  const pairedInside = new Map<string, Span>()
  const pairedOutside = new Map<string, Span>()
  for (const span of spans) {
    const key = spanKey(span)
    const isCall = isTransport(span)
    const isPaired = receivers.has(key)
    let wantsOwner = isCall && !(span.ai && isModelOperation(span.ai.operation))
    for (const { key: outerKey, span: outer } of climb(nodes, span)) {
      if (isCall) withTransportInside.add(outerKey)
      if (isAiCall(span)) withAiCallInside.add(outerKey)
      if (span.ai?.countsTokens && hasTokens(span)) withTokensInside.add(outerKey)
      if (!outer) continue
      if (isPaired && isSameHost(outer.peer, span.peer))
        pairedInside.set(outerKey, better(pairedInside.get(outerKey), span))
      if (receivers.has(outerKey) && isCall && isPartOf(span, outer) && !pairedOutside.has(key))
        pairedOutside.set(key, outer)
      if (wantsOwner && outer.ai && isModelOperation(outer.ai.operation)) {
        wantsOwner = false
        if (!outer.peer) transportOf.set(outerKey, better(transportOf.get(outerKey), span))
      }
    }
  }
  const links = new Map<string, CallLink>()
  for (const span of spans) {
    const key = spanKey(span)
    const receiver = receivers.get(key)
    const edgeSpan = edgeSpanOf(span)
    links.set(key, {
      countsCall: countsCall(span),
      countsAiCall: isAiCall(span) && !withAiCallInside.has(key),
      countsTokens: span.ai?.countsTokens === true && !withTokensInside.has(key),
      hasFailed: span.isError || receiver?.isError === true,
      ...(edgeSpan && { edgeSpan }),
      ...(receiver && { receivedBy: spanKey(receiver) }),
      ...receptionOf(span),
      carriesFactsOf: [],
    })
  }
  return withoutRepeatedFacts(withCarriedFacts(links), spans)

  function edgeSpanOf(span: Span): string | undefined {
    const key = spanKey(span)
    if (receivers.has(key)) return key
    // Several instrumentations of one call: all stand where the one stands whose other half is known.
    const paired = pairedInside.get(key) ?? pairedOutside.get(key)
    if (paired && (isCaller(span) || isAiCall(span))) return spanKey(paired)
    if (span.peer || span.queue) return key
    const carrier = transportOf.get(key)
    return carrier && isCarrier(carrier) ? spanKey(carrier) : undefined
  }

  function countsCall(span: Span): boolean {
    const key = spanKey(span)
    if (span.queue) return span.queue.does !== 'receive'
    if (isReceiver(span)) {
      const caller = callers.get(key)
      // The other half counts, where there is one.
      return caller?.by === 'call' ? further.has(key) : caller?.by !== 'own'
    }
    if (receivers.has(key)) return true
    if (withTransportInside.has(key) || pairedOutside.has(key) || isConnecting(span)) return false
    return isTransport(span) || (span.peer !== undefined && isAiCall(span))
  }

  function receptionOf(span: Span): Pick<CallLink, 'caller' | 'queue'> {
    const caller = callers.get(spanKey(span))
    const sent = caller?.by === 'call' ? caller.span.queue : undefined
    return {
      ...(caller && { caller }),
      ...(isReceiver(span) && !span.queue && sent?.does === 'send' && { queue: sent.name }),
    }
  }
}

interface Pairs {
  /** The span that received a call, by the key of the calling one. */
  readonly receivers: ReadonlyMap<string, Span>
  /** Keys of spans of further services that received the same call: each of these services got a call of its own. */
  readonly further: ReadonlySet<string>
}

/**
 * Both halves of calls. What one service received of one call is one call, also where it writes several spans for it or a
 * proxy between tried again; the earliest span stands for it. Messages pass through their queue instead.
 */
function pairs(spans: readonly Span[], callers: ReadonlyMap<string, Caller>): Pairs {
  const byCall = new Map<string, Map<string, Span>>()
  for (const span of spans) {
    const caller = callers.get(spanKey(span))
    if (caller?.by !== 'call' || span.queue || caller.span.queue) continue
    const services = byCall.get(spanKey(caller.span)) ?? new Map<string, Span>()
    byCall.set(spanKey(caller.span), services)
    const known = services.get(emitterKey(span))
    if (!known || isEarlier(span, known)) services.set(emitterKey(span), span)
  }
  const receivers = new Map<string, Span>()
  const further = new Set<string>()
  for (const [key, services] of byCall) {
    const first = [...services.values()].reduce((a, b) => (isEarlier(b, a) ? b : a))
    receivers.set(key, first)
    for (const span of services.values()) if (span !== first) further.add(spanKey(span))
  }
  return { receivers, further }
}

const isEarlier = (a: Span, b: Span): boolean =>
  a.startMs < b.startMs || (a.startMs === b.startMs && a.spanId < b.spanId)

/** Whether a call within one whose other half is known is the same call: it names no other place. */
const isPartOf = (span: Span, outer: Span): boolean =>
  outer.peer ? isSameHost(span.peer, outer.peer) : isCarrier(span)

/** Equal names, or the short and the long name of a Service: a sidecar sees the long one. */
const isSameHost = (a: SpanPeer | undefined, b: SpanPeer | undefined): boolean =>
  a !== undefined && b !== undefined && (a.name === b.name || isBeginOf(a.name, b.name) || isBeginOf(b.name, a.name))
const isBeginOf = (short: string, long: string): boolean => long.includes('.svc') && long.startsWith(`${short}.`)

function withCarriedFacts(links: Map<string, CallLink>): Map<string, CallLink> {
  const carried = new Map<string, string[]>()
  for (const [key, link] of links) {
    if (link.edgeSpan === undefined || link.edgeSpan === key) continue
    const keys = carried.get(link.edgeSpan) ?? []
    carried.set(link.edgeSpan, keys)
    keys.push(key)
  }
  for (const [key, keys] of carried) {
    const link = links.get(key)
    if (link) links.set(key, { ...link, carriesFactsOf: keys })
  }
  return links
}

/**
 * A model server that is traced says the tokens of a call that its caller says already: the caller's word counts where both
 * stand on the same edge. A gateway's facts stand on its own call onwards and stay.
 */
function withoutRepeatedFacts(links: Map<string, CallLink>, spans: readonly Span[]): Map<string, CallLink> {
  const byKey = new Map(spans.map((span) => [spanKey(span), span]))
  for (const [key, link] of links) {
    if (link.caller?.by !== 'call' || link.edgeSpan !== undefined || !(link.countsAiCall || link.countsTokens)) continue
    const call = links.get(spanKey(link.caller.span))
    const facts = [spanKey(link.caller.span), ...(call?.carriesFactsOf ?? [])]
    const hasCall = facts.some((one) => links.get(one)?.countsAiCall)
    const saysTokens = facts.some((one) => {
      const span = byKey.get(one)
      return span !== undefined && links.get(one)?.countsTokens === true && hasTokens(span)
    })
    links.set(key, {
      ...link,
      countsAiCall: link.countsAiCall && !hasCall,
      countsTokens: link.countsTokens && !saysTokens,
    })
  }
  return links
}

/**
 * The spans with their `enclosingSpanId`, where the parent is an ignored span of the same service: so that later batches of
 * the trace nest them the same way after the links of ignored spans are gone. SERVER and CONSUMER spans end the nesting.
 */
export function withEnclosingSpans(spans: readonly Span[], bridges: readonly SpanBridge[]): Span[] {
  const bridgeOf = new Map(bridges.map((bridge) => [spanKey(bridge), bridge]))
  return spans.map((span) => {
    if (isReceiver(span)) return span
    const emitter = emitterKey(span)
    let id = span.parentSpanId
    for (let step = 0; step < MAX_CLIMB && id !== undefined; step += 1) {
      const bridge = bridgeOf.get(`${span.traceId}:${id}`)
      if (!bridge) break
      if (bridge.emitter !== emitter || isReceiver(bridge) || bridge.parentSpanId === undefined) return span
      id = bridge.parentSpanId
    }
    return id === undefined || id === span.parentSpanId ? span : { ...span, enclosingSpanId: id }
  })
}

const isAiCall = (span: Span): boolean => span.ai?.countsTokens === true && isModelOperation(span.ai.operation)

const hasTokens = (span: Span): boolean =>
  span.ai !== undefined && (span.ai.inputTokens !== undefined || span.ai.outputTokens !== undefined)

/** Opening a database connection is drawn and is no query: `pg.connect`, `redis-connect`. */
const isConnecting = (span: Span): boolean =>
  span.peer?.database !== undefined &&
  /(?:^|[.\s_-])connect$/i.test(span.name) &&
  !('db.operation.name' in span.attributes || 'db.operation' in span.attributes)

/** Whether a transport span can be a model call at all; gateways also talk to their database inside the same span. */
const isCarrier = (span: Span): boolean =>
  !('db.system' in span.attributes || 'db.system.name' in span.attributes || 'messaging.system' in span.attributes)

function better(known: Span | undefined, other: Span): Span {
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
