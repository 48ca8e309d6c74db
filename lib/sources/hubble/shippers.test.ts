import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DecodeResult } from '@/lib/model/decoded'
import type { Flow } from '@/lib/model/flow'
import { LIMITS } from '@/lib/model/limits'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { createHubbleDecoder } from './decode'
import { DIRECTION, DROP_REASON, L7_TYPE, OBSERVATION_POINT, TRACE_REASON, VERDICT } from './enums'

type Wire = Readonly<Record<string, unknown>>

/** What becomes of a request body. */
function ingest(body: string): DecodeResult {
  const splitter = new JsonRecordSplitter({ maxRecordBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting })
  const decoder = createHubbleDecoder()
  const rejects: DecodeResult['rejects'] = []
  for (const framed of [...splitter.push(Buffer.from(body)), ...splitter.end()]) {
    if ('value' in framed) decoder.push(framed.value, framed.line)
    else rejects.push(framed.reject)
  }
  const decoded = decoder.finish()
  return { ...decoded, rejects: [...rejects, ...decoded.rejects] }
}
const withoutLine = (flows: readonly Flow[]) => flows.map(({ line: _, ...flow }) => flow)

const EVENTS: Wire[] = readFileSync(path.join(import.meta.dirname, '__fixtures__/situations.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line): unknown => JSON.parse(line))
  .filter(isRecord)
  .filter((event) => isRecord(event.flow) && 'time' in event.flow)
const LINES = EVENTS.map((event) => JSON.stringify(event))
const DIRECT = ingest(LINES.join('\n'))

const criTime = '2026-11-24T00:00:00.000000001Z'
const fluentBit = (wrap: (line: string, event: Wire) => unknown) =>
  EVENTS.map((event, index) => ({ date: 1_790_000_000.5 + index, ...Object(wrap(LINES[index] ?? '', event)) }))
const vector = EVENTS.map((_event, index) => ({
  file: '/var/run/cilium/hubble/events.log',
  host: 'node-1',
  message: LINES[index],
  source_type: 'file',
  timestamp: criTime,
}))
const ndjson = (records: readonly unknown[]) => `${records.map((record) => JSON.stringify(record)).join('\n')}\n`

describe('what shippers make of exporter files is the same flows', () => {
  it.each<[string, string]>([
    ['Fluent Bit json, lines parsed', JSON.stringify(fluentBit((_line, event) => event))],
    ['Fluent Bit json, lines in `log`', JSON.stringify(fluentBit((line) => ({ log: line })))],
    ['Fluent Bit json_lines', ndjson(fluentBit((line) => ({ log: line })))],
    [
      'Fluent Bit json_stream',
      fluentBit((line) => ({ log: line }))
        .map((one) => JSON.stringify(one))
        .join(''),
    ],
    ['Fluent Bit behind a container runtime', ndjson(fluentBit((line) => ({ log: `${criTime} stdout F ${line}` })))],
    [
      'Fluent Bit behind Docker, with the Kubernetes filter',
      ndjson(fluentBit((line) => ({ log: `${line}\n`, stream: 'stdout', kubernetes: { pod_name: 'cilium-x' } }))),
    ],
    ['Fluent Bit with the date as text', ndjson(fluentBit((line) => ({ date: criTime, log: line })))],
    ['Vector, a JSON array', JSON.stringify(vector)],
    ['Vector, newline-delimited', ndjson(vector)],
    [
      'Vector, lines parsed',
      ndjson(
        EVENTS.map((event) => ({
          file: 'events.log',
          host: 'node-1',
          source_type: 'file',
          timestamp: criTime,
          ...event,
        })),
      ),
    ],
    [
      'OpenTelemetry filelog, body as text',
      ndjson(LINES.map((body) => ({ body, attributes: { 'log.file.name': 'e' } }))),
    ],
    ['OpenTelemetry filelog, body as OTLP text', ndjson(LINES.map((stringValue) => ({ body: { stringValue } })))],
    ['OpenTelemetry filelog, body parsed', ndjson(EVENTS.map((body) => ({ body })))],
    ['Loki', ndjson(LINES.map((line) => ({ line })))],
  ])('%s', (_name, body) => {
    const { flows, rejects, gaps } = ingest(body)
    expect(withoutLine(flows)).toEqual(withoutLine(DIRECT.flows))
    expect(rejects.map(({ reason }) => reason)).toEqual(DIRECT.rejects.map(({ reason }) => reason))
    expect(gaps).toEqual(DIRECT.gaps)
    expect(flows.length).toBeGreaterThan(20)
  })

  it('keys in camelCase are the same flows', () => {
    const camel = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(camel)
        : isRecord(value)
          ? Object.fromEntries(
              Object.entries(value).map(([key, inner]) => [
                key.replace(/_([a-z])/g, (_all, c: string) => c.toUpperCase()),
                camel(inner),
              ]),
            )
          : value
    expect(withoutLine(ingest(ndjson(EVENTS.map(camel))).flows)).toEqual(withoutLine(DIRECT.flows))
  })

  it('enums as numbers are the same flows', () => {
    const numbers: Readonly<Record<string, Readonly<Record<number, string>>>> = {
      verdict: VERDICT,
      traffic_direction: DIRECTION,
      trace_observation_point: OBSERVATION_POINT,
      trace_reason: TRACE_REASON,
      drop_reason_desc: DROP_REASON,
    }
    const numberOf = (names: Readonly<Record<number, string>>, value: unknown): unknown => {
      const found = Object.entries(names).find(([, name]) => name === value)
      return found ? Number(found[0]) : value
    }
    const asNumbers = (flow: Wire): Wire => ({
      ...Object.fromEntries(
        Object.entries(flow).map(([key, value]) => [key, numbers[key] ? numberOf(numbers[key], value) : value]),
      ),
      ...(isRecord(flow.l7) && { l7: { ...flow.l7, type: numberOf(L7_TYPE, flow.l7.type) } }),
      ...(typeof flow.Type === 'string' && { Type: numberOf({ 1: 'L3_L4', 2: 'L7', 3: 'SOCK' }, flow.Type) }),
    })
    const events = EVENTS.map((event) => ({ ...event, ...(isRecord(event.flow) && { flow: asNumbers(event.flow) }) }))
    const { flows } = ingest(ndjson(events))
    // Without a uuid the key is a hash of what the line says.
    expect(withoutLine(flows).map(({ recordKey: _, ...flow }) => flow)).toEqual(
      withoutLine(DIRECT.flows).map(({ recordKey: _, ...flow }) => flow),
    )
  })

  it('the agent’s own log lines between them are refused alone', () => {
    const body = [
      `time="${criTime}" level=info msg="Policy imported" subsys=policy`,
      LINES[0],
      JSON.stringify({ time: criTime, level: 'info', msg: 'regenerated' }),
      '{"flow":{"time":"2026-11-24T00:00:00Z","verd',
      LINES[1],
    ].join('\n')
    const { flows, rejects } = ingest(body)
    expect(flows).toHaveLength(2)
    expect(rejects.map(({ line, reason }) => `${line} ${reason}`)).toEqual(['1 not_json', '4 not_json', '3 no_flow'])
  })

  it('lost events keep their time where Fluent Bit moved it into `date`', () => {
    const { gaps } = ingest(
      ndjson([{ date: 1_790_000_000.25, lost_events: { source: 'HUBBLE_RING_BUFFER', num_events_lost: '3' } }]),
    )
    expect(gaps).toMatchObject([{ atMs: 1_790_000_000_250, lost: 3 }])
  })
})

const FULL = {
  time: '2026-11-24T00:00:00.5Z',
  uuid: 'u1',
  verdict: 'FORWARDED',
  IP: { source: '10.0.0.1', destination: '10.0.0.2' },
  l4: { TCP: { source_port: 40_000, destination_port: 443, flags: { SYN: true } } },
  source: { ID: 5, namespace: 'shop', pod_name: 'web-7d9c8b6f5-x2v4q' },
  destination: { namespace: 'shop', pod_name: 'api-7d9c8b6f5-x2v4q' },
  node_name: 'n1',
  event_type: { type: 5 },
  traffic_direction: 'EGRESS',
  egress_allowed_by: [{ name: 'p', namespace: 'shop', kind: 'CiliumNetworkPolicy' }],
}
function decodeOne(part: Wire, without: readonly string[] = []): Flow | string {
  const flow = Object.fromEntries(Object.entries({ ...FULL, ...part }).filter(([key]) => !without.includes(key)))
  const { flows, rejects } = ingest(JSON.stringify({ flow }))
  return flows[0] ?? rejects[0]?.reason ?? 'nothing'
}

describe('a field mask may remove anything', () => {
  it.each<[string, string | object]>([
    ['time', 'missing_time'],
    ['uuid', { recordKey: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    ['verdict', { verdict: { outcome: 'unknown' }, counts: { connections: 1 } }],
    ['IP', { client: { name: 'web' }, server: { name: 'api' } }],
    ['l4', { protocol: 'unknown', serverPort: 0 }],
    ['source', { client: { class: 'external', name: '10.0.0.1' } }],
    ['destination', { server: { class: 'external', name: '10.0.0.2' } }],
    ['node_name', { client: { name: 'web' } }],
    ['event_type', { verdict: { outcome: 'allowed', basis: 'rule' }, observer: 'client', counts: { connections: 1 } }],
    ['traffic_direction', { observer: 'client', verdict: { outcome: 'allowed', basis: 'not_reported' } }],
    ['egress_allowed_by', { verdict: { outcome: 'allowed', basis: 'not_reported' } }],
  ])('%s', (key, expected) => {
    const decoded = decodeOne({}, [key])
    if (typeof expected === 'string') expect(decoded).toBe(expected)
    else expect(decoded).toMatchObject(expected)
  })

  it('down to what makes a flow at all: a time and two ends', () => {
    const flow = { time: FULL.time, IP: FULL.IP }
    expect(ingest(JSON.stringify({ flow })).flows).toMatchObject([
      { verdict: { outcome: 'unknown' }, protocol: 'unknown' },
    ])
    expect(ingest(JSON.stringify({ flow: { time: FULL.time } })).rejects).toMatchObject([
      { reason: 'missing_endpoints' },
    ])
    expect(ingest(JSON.stringify({ flow: {} })).rejects).toMatchObject([{ reason: 'missing_time' }])
  })

  it('without its type an event is what its other fields prove, and a forwarded one trusts no direction', () => {
    const without = ['event_type', 'egress_allowed_by']
    expect(decodeOne({ l7: { type: 'RESPONSE', http: { code: 503 } } }, without)).toMatchObject({
      verdict: { layer: 'L7' },
      counts: { requests: 1, requestErrors: 1 },
    })
    expect(decodeOne({ trace_observation_point: 'TO_STACK', trace_reason: 'NEW' }, without)).toMatchObject({
      verdict: { outcome: 'observed' },
      counts: { connections: 1 },
    })
    expect(decodeOne({ traffic_direction: 'INGRESS' }, without)).toMatchObject({ observer: 'client' })
    expect(decodeOne({ verdict: 'DROPPED', traffic_direction: 'INGRESS', drop_reason: 133 }, without)).toMatchObject({
      observer: 'server',
      counts: { connections: 1 },
    })
  })

  it('a trace event’s sub type says where it was seen', () => {
    const trace = {
      event_type: { type: 4, sub_type: 11 },
      IP: { ...FULL.IP, source_xlated: '192.0.2.1' },
      destination: { labels: ['reserved:world'] },
    }
    expect(decodeOne(trace)).toMatchObject({ translatedSource: { isEgressObservation: true } })
    expect(decodeOne({ ...trace, event_type: { type: 4, sub_type: 3 } })).toMatchObject({
      translatedSource: { isEgressObservation: false },
    })
  })
})

describe('aggregated lines', () => {
  const counts = (part: Wire, without: readonly string[] = []) => {
    const flow = Object.fromEntries(
      Object.entries({ ...FULL, uuid: '', ...part }).filter(([key]) => !without.includes(key)),
    )
    return ingest(JSON.stringify({ flow })).flows.map(
      ({ observer, counts: { connections, events, requests, requestErrors } }) =>
        [observer, connections, events, requests, requestErrors] as const,
    )
  }
  const aggregate = (ingress_flow_count: number, egress_flow_count: number, unknown_direction_flow_count = 0) => ({
    aggregate: { ingress_flow_count, egress_flow_count, unknown_direction_flow_count },
  })

  it('weigh the sum of their counters, else 1', () => {
    expect(counts(aggregate(0, 5, 2))).toEqual([['client', 7, 0, 0, 0]])
    expect(counts(aggregate(0, 0))).toEqual([['client', 1, 0, 0, 0]])
    expect(counts({ aggregate: {} })).toEqual([['client', 1, 0, 0, 0]])
    expect(counts({ aggregate: { egress_flow_count: -4 } })).toEqual([['client', 1, 0, 0, 0]])
  })

  it('weigh as requests and as events too', () => {
    const l7 = { event_type: { type: 129 }, l7: { type: 'RESPONSE', http: { code: 500 } }, is_reply: true }
    expect(counts({ ...l7, ...aggregate(0, 4) })).toEqual([['server', 0, 0, 4, 4]])
    expect(counts({ event_type: { type: 4 }, ...aggregate(3, 0) })).toEqual([['server', 0, 3, 0, 0]])
  })

  it('without a direction are counted by the side that their counters name, and never both in one', () => {
    const without = ['traffic_direction']
    expect(counts(aggregate(0, 5), without)).toEqual([['client', 5, 0, 0, 0]])
    expect(counts(aggregate(3, 0, 1), without)).toEqual([['server', 4, 0, 0, 0]])
    expect(counts(aggregate(3, 5, 1), without)).toEqual([
      ['client', 6, 0, 0, 0],
      ['server', 3, 0, 0, 0],
    ])
    expect(counts({ ...aggregate(3, 5), is_reply: true }, without)).toEqual([
      ['server', 0, 5, 0, 0],
      ['client', 0, 3, 0, 0],
    ])
  })

  it('of different ends at one time are different records', () => {
    const line = (pod: string) => ({
      flow: {
        time: FULL.time,
        verdict: 'FORWARDED',
        source: { pod_name: pod },
        destination: FULL.destination,
        node_name: 'n1',
        ...aggregate(0, 2),
      },
    })
    const keys = ingest(ndjson([line('a'), line('b'), line('a')])).flows.map(({ recordKey }) => recordKey)
    expect(new Set(keys).size).toBe(2)
  })
})
