import type { Expected, LoadSize, Pick, Records } from './crash-test-bodies'

const HOUR_MS = 3600_000

/** Spans of calls: of some only the caller's, of some both ends', which may come in two bodies. Each trace is one call. */
export function spanRecords(pick: Pick, { hours, first, scale }: LoadSize, expected: Expected): Records {
  const records: string[] = []
  for (let index = first; index < first + 120 * scale; index += 1) {
    const startMs = (hours[pick(hours.length)] ?? 0) + pick(HOUR_MS - 1000)
    const traceId = `c${String(index).padStart(31, '0')}`
    const [client, server] = [pick(5), pick(4)]
    const hasServer = pick(3) > 0
    const caller = { traceId, spanId: idOf(index, 1), name: 'GET', kind: 3, startMs }
    records.push(
      resource(`app-${client}`, {
        ...caller,
        attributes: {
          'server.address': hasServer ? `store-${server}.crash.svc.cluster.local` : `api-${server}.example.com`,
          'server.port': hasServer ? 5432 : 443,
        },
      }),
    )
    if (hasServer)
      records.push(
        resource(`store-${server}`, {
          ...caller,
          spanId: idOf(index, 2),
          parentSpanId: caller.spanId,
          kind: 2,
          startMs: startMs + 1,
          attributes: { 'server.port': 5432 },
        }),
      )
    const spans = hasServer ? 2 : 1
    expected.traces.set(`${traceId}|${startMs}`, spans)
    expected.accepted.otlp += spans
  }
  return {
    kind: 'spans',
    path: '/v1/traces',
    type: 'application/json',
    records,
    join: (resources) => `{"resourceSpans":[${resources.join(',')}]}`,
  }
}

const idOf = (index: number, part: number): string => `${part}${String(index).padStart(15, '0')}`

interface SpanFields {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startMs: number
  readonly attributes: Readonly<Record<string, string | number>>
}

function resource(service: string, { startMs, attributes, ...span }: SpanFields): string {
  return JSON.stringify({
    resource: {
      attributes: attributesOf({
        'service.name': service,
        'k8s.namespace.name': 'crash',
        'k8s.deployment.name': service,
      }),
    },
    scopeSpans: [
      {
        spans: [
          {
            ...span,
            startTimeUnixNano: `${startMs}000000`,
            endTimeUnixNano: `${startMs + 5}000000`,
            attributes: attributesOf(attributes),
          },
        ],
      },
    ],
  })
}

const attributesOf = (values: Readonly<Record<string, string | number>>) =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
  }))
