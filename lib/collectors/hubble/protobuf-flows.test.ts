import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DecodeResult } from '@/lib/model/decoded'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { isRecord, unwrapShipper } from '@/lib/sources/framing/unwrap'
import { createHubbleDecoder } from '@/lib/sources/hubble/decode'
import { DIRECTION, DROP_REASON, L7_TYPE, OBSERVATION_POINT, TRACE_REASON, VERDICT } from '@/lib/sources/hubble/enums'
import { recordFromProtobuf } from '@/lib/sources/hubble/from-protobuf'
import { encodeResponse } from './encode-response'
import { OBSERVER } from './protocol'

type Wire = Readonly<Record<string, unknown>>

const corpus = path.resolve(import.meta.dirname, '../../../../shared/corpus/hubble')
const situations = path.resolve(import.meta.dirname, '../../sources/hubble/__fixtures__/situations.jsonl')

function decode(records: readonly unknown[]): DecodeResult {
  const decoder = createHubbleDecoder()
  for (const [index, record] of records.entries()) decoder.push(record, index + 1)
  return decoder.finish()
}

const throughProtobuf = (record: Wire): unknown =>
  recordFromProtobuf(OBSERVER.getFlows.responseDeserialize(encodeResponse(record)))

/** The event inside wrappers, as Relay would send it; undefined for what is no flow, lost event or node status. */
function eventOf(value: unknown): Wire | undefined {
  const isEvent = (record: Wire) =>
    isRecord(record.flow) || isRecord(record.lost_events) || isRecord(record.node_status)
  const bare = isRecord(value) ? unwrapShipper(value, (record) => isEvent(record) || isRecord(record.IP)) : undefined
  if (!bare) return undefined
  const event = isEvent(bare) ? bare : isRecord(bare.IP) ? { flow: bare } : undefined
  return event && JSON.stringify(event).includes('"time"') && !isCamel(event) ? event : undefined
}

/** Keys of other protojson writers, which protobuf has no place for. */
const isCamel = ({ flow }: Wire): boolean => isRecord(flow) && 'nodeName' in flow

const eventsOf = (lines: readonly unknown[]): Wire[] =>
  lines.flatMap((line) => {
    const event = eventOf(line)
    return event ? [event] : []
  })

function readLines(file: string): unknown[] {
  const splitter = new JsonRecordSplitter({ maxRecordBytes: 1 << 20, maxDepth: 64 })
  return [...splitter.push(readFileSync(file)), ...splitter.end()].flatMap((one) => ('value' in one ? [one.value] : []))
}

describe('a flow as protobuf is the flow that its JSON is', () => {
  it('in every authored situation that can be encoded', () => {
    const events = eventsOf(readLines(situations))
    expect(events.length).toBeGreaterThan(15)
    for (const event of events) expect(decode([throughProtobuf(event)])).toEqual(decode([event]))
  })

  it.skipIf(!existsSync(corpus))('in every recorded line', () => {
    const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('json'))
    const events = eventsOf(files.flatMap((file) => readLines(path.join(corpus, file))))
    expect(events.length).toBeGreaterThan(1900)
    for (const event of events) expect(decode([throughProtobuf(event)])).toEqual(decode([event]))
  })

  it('for any flow, with unset fields, numbers without names and long integers', () => {
    fc.assert(
      fc.property(anyFlow(), (flow) => {
        const event = { flow, node_name: 'c/n1', time: flow.time }
        expect(decode([throughProtobuf(event)])).toEqual(decode([event]))
      }),
      { numRuns: 300 },
    )
  })
})

describe('what a Relay may send beyond that', () => {
  it('fields that nobody knows, vendor extensions among them, change nothing', () => {
    const event = { flow: FLOW, node_name: 'n1' }
    // Field 150000 of GetFlowsResponse and field 500, both length-delimited.
    const unknown = Buffer.from([0x82, 0x9f, 0x49, 3, 1, 2, 3, 0xa2, 0x1f, 2, 8, 1])
    const bytes = Buffer.concat([encodeResponse(event), unknown])
    expect(decode([recordFromProtobuf(OBSERVER.getFlows.responseDeserialize(bytes))])).toEqual(decode([event]))
  })

  it('times that are none are refused, not guessed', () => {
    const read = (time: unknown) => decode([recordFromProtobuf({ flow: { ...FLOW, time } })]).rejects
    expect(read({ seconds: '99999999999999' })).toMatchObject([{ reason: 'missing_time' }])
    expect(read({ seconds: '1', nanos: 2e9 })).toMatchObject([{ reason: 'missing_time' }])
    expect(read('2026-11-24T00:00:00Z')).toMatchObject([{ reason: 'missing_time' }])
  })

  it('an empty wrapper is its zero value, an absent one unknown', () => {
    const isReply = (flow: Wire) =>
      decode([recordFromProtobuf({ flow: { ...FLOW, time: { seconds: '1790000000' }, ...flow } })]).flows[0]?.raw
        .is_reply
    expect(isReply({ is_reply: {} })).toBe(false)
    expect(isReply({ is_reply: { value: true } })).toBe(true)
    expect(isReply({})).toBeUndefined()
  })

  it('lost events keep their count and their stretch', () => {
    const lost_events = { source: 'HUBBLE_RING_BUFFER', num_events_lost: '12', cpu: 3, first: TIME, last: TIME }
    const event = { lost_events, node_name: 'n1', time: TIME }
    expect(decode([throughProtobuf(event)])).toEqual(decode([event]))
    expect(decode([throughProtobuf(event)]).gaps).toMatchObject([{ lost: 12, node: 'n1', endMs: Date.parse(TIME) }])
  })
})

const TIME = '2026-11-24T00:00:00Z'
const FLOW = {
  time: TIME,
  verdict: 'FORWARDED',
  IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 'IPv4' },
  l4: { TCP: { source_port: 40_000, destination_port: 443 } },
  event_type: { type: 5 },
}

/** A protojson flow: zero values absent, as protojson leaves them out. */
function anyFlow() {
  const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
  const port = fc.integer({ min: 1, max: 65_535 })
  const ip = fc.oneof(fc.ipV4(), fc.ipV6())
  const enumOf = (names: Readonly<Record<number, string>>) =>
    fc.oneof(
      fc.constantFrom(...Object.entries(names).flatMap(([n, text]) => (n === '0' ? [] : [text]))),
      fc.constant(999),
    )
  const endpoint = fc.record(
    {
      ID: fc.integer({ min: 1, max: 65_535 }),
      identity: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      namespace: name,
      labels: fc.array(fc.constantFrom('k8s:app=web', 'reserved:world', 'reserved:host', 'fqdn:api.example'), {
        minLength: 1,
        maxLength: 3,
      }),
      pod_name: name,
      cluster_name: name,
      workloads: fc.array(fc.record({ name, kind: name }), { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [] },
  )
  const ports = fc.record({ source_port: port, destination_port: port }, { requiredKeys: [] })
  const policies = fc.array(fc.record({ name, namespace: name, kind: name }, { requiredKeys: [] }), {
    minLength: 1,
    maxLength: 2,
  })
  const flags = fc.record({ SYN: fc.constant(true), ACK: fc.constant(true) }, { requiredKeys: [] })
  const l4 = fc.oneof(
    ports.chain((tcp) => flags.map((set) => ({ TCP: { ...tcp, flags: set } }))),
    ports.map((UDP) => ({ UDP })),
    ports.map((SCTP) => ({ SCTP })),
    fc.constant({ ICMPv4: {} }),
    fc.constant({ ICMPv6: { type: 128 } }),
  )
  const l7 = fc.record(
    {
      type: enumOf(L7_TYPE),
      latency_ns: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String),
      http: fc.record({ code: port, method: name, url: name }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  const second = fc.integer({ min: 1_600_000_000, max: 1_900_000_000 })
  const decimals = fc.constantFrom('', '.100', '.000001', '.123456789', '.000000001')
  const time = fc.tuple(second, decimals).map(([s, text]) => `${new Date(s * 1000).toISOString().slice(0, 19)}${text}Z`)
  return fc.record(
    {
      time,
      uuid: fc.uuid(),
      verdict: enumOf(VERDICT),
      drop_reason_desc: enumOf(DROP_REASON),
      drop_reason: fc.constantFrom(133, 181, 999),
      IP: fc.record({ source: ip, destination: ip, source_xlated: ip }, { requiredKeys: ['source'] }),
      l4,
      source: endpoint,
      destination: endpoint,
      Type: fc.constantFrom('L3_L4', 'L7', 'SOCK'),
      node_name: name,
      destination_names: fc.array(name, { minLength: 1, maxLength: 3 }),
      l7,
      is_reply: fc.boolean(),
      event_type: fc.record({ type: fc.constantFrom(1, 4, 5, 7, 129), sub_type: port }, { requiredKeys: ['type'] }),
      traffic_direction: enumOf(DIRECTION),
      trace_observation_point: enumOf(OBSERVATION_POINT),
      trace_reason: enumOf(TRACE_REASON),
      trace_context: fc.constant({ parent: { trace_id: '0af7651916cd43dd8448eb211c80319c' } }),
      egress_allowed_by: policies,
      ingress_denied_by: policies,
      aggregate: fc.record({ ingress_flow_count: port, egress_flow_count: port }, { requiredKeys: [] }),
      socket_cookie: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String),
    },
    { requiredKeys: ['time'] },
  )
}
