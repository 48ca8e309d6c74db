import type { Span } from '@/lib/model/span'
import { isCaller, isReceiver, MAX_CLIMB, spanKey, type TraceNode, type TraceNodes } from './trace-nodes'

/** Who made the call that a span received, as far as its trace tells. */
export type Caller =
  /** The CLIENT or PRODUCER span of the same call. */
  | { readonly by: 'call'; readonly span: Span }
  /** A span of another service, which is no call itself: its service called. `key` may be that of a dropped span. */
  | { readonly by: 'service'; readonly key: string }
  /** The parent is named, and was not sent (yet). */
  | { readonly by: 'absent' }
  /** The trace begins here. */
  | { readonly by: 'root' }
  /** A step inside its own service: no call came in here. */
  | { readonly by: 'own' }

/**
 * The caller of every span that receives. The nearest kept ancestor decides: a calling span is the other half of the call; a
 * span of another service makes that service the caller (proxies and libraries that write INTERNAL spans; formats: OTLP §3.3
 * step 2); one of the same service means that nothing came in. Spans of a service that were not kept are looked past, and name
 * their service where nothing better lies above. Linear, at most 64 steps per span.
 */
export function findCallers(spans: readonly Span[], nodes: TraceNodes): Map<string, Caller> {
  const callers = new Map<string, Caller>()
  for (const span of spans) if (isReceiver(span)) callers.set(spanKey(span), callerOf(span, nodes))
  return callers
}

function callerOf(span: Span, nodes: TraceNodes): Caller {
  const start = nodes.get(spanKey(span))
  if (!start) return { by: 'root' }
  let outside: TraceNode | undefined
  let isBelowOwn = false
  let node: TraceNode = start
  for (let step = 0; step < MAX_CLIMB; step += 1) {
    const parent: TraceNode | undefined = node.parent === undefined ? undefined : nodes.get(node.parent)
    const isEnd = !parent || parent === start || (outside !== undefined && parent.emitter !== outside.emitter)
    if (isEnd) {
      if (outside) return { by: 'service', key: outside.key }
      if (node.parent !== undefined) return { by: 'absent' }
      return { by: isBelowOwn ? 'own' : 'root' }
    }
    if (parent.span && isCaller(parent)) return { by: 'call', span: parent.span }
    if (parent.emitter !== start.emitter) {
      if (parent.span) return { by: 'service', key: parent.key }
      outside ??= parent
    } else if (parent.span) return { by: 'own' }
    else isBelowOwn = true
    node = parent
  }
  return outside ? { by: 'service', key: outside.key } : { by: 'own' }
}
