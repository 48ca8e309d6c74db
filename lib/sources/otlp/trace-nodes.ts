import type { Span, SpanBridge, SpanKind } from '@/lib/model/span'

/** A span of a trace, kept or not, as far as nesting asks. */
export interface TraceNode {
  readonly key: string
  /** Key of the next span outwards; steps that were not kept may be left out. */
  readonly parent?: string
  readonly emitter: string
  readonly kind: SpanKind
  /** undefined for a span that was not kept. */
  readonly span?: Span
}

export type TraceNodes = ReadonlyMap<string, TraceNode>

/** Ancestors looked at per span: deeper nesting inside one service is not real, and a forged loop must end. */
export const MAX_CLIMB = 64

export const spanKey = (span: { readonly traceId: string; readonly spanId: string }): string =>
  `${span.traceId}:${span.spanId}`

/**
 * One workload: calls nest within it, and a call to another one starts afresh. The service name does not tell apart: a
 * program, its sidecar and a second instrumentation in it may each use another one. Where nothing else names the workload, the
 * service name does (emitterOf).
 */
export const emitterKey = (span: Pick<Span, 'workload' | 'cluster'>): string =>
  [span.cluster ?? '', span.workload.namespace, span.workload.name].join('\n')

export const isReceiver = ({ kind }: { readonly kind: SpanKind }): boolean => kind === 'server' || kind === 'consumer'
export const isCaller = ({ kind }: { readonly kind: SpanKind }): boolean => kind === 'client' || kind === 'producer'

/** The spans of a trace by key; a kept span stands before a dropped one of the same id. */
export function traceNodes(spans: readonly Span[], bridges: readonly SpanBridge[]): TraceNodes {
  const nodes = new Map<string, TraceNode>()
  for (const bridge of bridges) {
    const key = spanKey(bridge)
    const parent = bridge.parentSpanId && `${bridge.traceId}:${bridge.parentSpanId}`
    nodes.set(key, { key, ...(parent && { parent }), emitter: bridge.emitter, kind: bridge.kind })
  }
  for (const span of spans) {
    const key = spanKey(span)
    const parentId = span.enclosingSpanId ?? span.parentSpanId
    const parent = parentId && `${span.traceId}:${parentId}`
    nodes.set(key, { key, ...(parent && { parent }), emitter: emitterKey(span), kind: span.kind, span })
  }
  return nodes
}

/** A span's ancestors within the same service, the span itself left out, at most 64. */
export function* climb(nodes: TraceNodes, span: Span): Generator<TraceNode> {
  const start = nodes.get(spanKey(span))
  let node = start
  for (let step = 0; step < MAX_CLIMB && node?.parent; step += 1) {
    // A SERVER or CONSUMER span is where its process was entered: what lies above it is another call.
    if (isReceiver(node)) return
    const parent = nodes.get(node.parent)
    if (!parent || parent === start || parent.emitter !== start?.emitter) return
    yield parent
    node = parent
  }
}
