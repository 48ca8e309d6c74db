import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api'
import { trace } from '@opentelemetry/api'
import type { tracing } from '@opentelemetry/sdk-node'

/** Receipt of OTLP by the main port; the ports of its own make no spans. */
const OTLP_PATH = /^\/+(?:api\/otlp\/+)?v1(?:development)?\//i
/** A share link's token, which opens it by itself. */
const SECRET_PATH = /(\/share\/)[^/]+/i
const TARGETS = ['http.target', 'http.url', 'url.full', 'url.path', 'url.query'] as const

/**
 * Which of our own spans are made, before the usual sampler decides. None about the receipt of OTLP: sent to ourselves they
 * would be received, and never end. Addresses lose their query and what opens a share link.
 */
export class OwnSpans implements tracing.Sampler {
  constructor(
    private readonly next: tracing.Sampler,
    private readonly drop: tracing.SamplingResult,
  ) {}

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): tracing.SamplingResult {
    const parent = trace.getSpanContext(context)
    const isInDropped = parent !== undefined && !parent.isRemote && (parent.traceFlags & 1) === 0
    const target = attributes['http.target']
    if (isInDropped || (typeof target === 'string' && OTLP_PATH.test(target))) return this.drop
    const result = this.next.shouldSample(context, traceId, name, kind, attributes, links)
    return { ...result, attributes: { ...result.attributes, ...withoutSecrets(attributes) } }
  }

  toString(): string {
    return `OwnSpans{${this.next.toString()}}`
  }
}

/** The attributes that must not leave as they are, changed. */
function withoutSecrets(attributes: Attributes): Attributes {
  const changed: Attributes = {}
  for (const name of TARGETS) {
    const value = attributes[name]
    if (typeof value === 'string')
      changed[name] = name === 'url.query' ? '' : (value.split('?', 1)[0] ?? '').replace(SECRET_PATH, '$1…')
  }
  return changed
}
