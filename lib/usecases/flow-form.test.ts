import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { demoBatches, LIVE_SCENARIOS } from '@/lib/demo/run-demo'
import { sampleFlow } from '@/lib/demo/sample-flow'
import type { ClusteredFlow, EvidenceClass } from '@/lib/model/prepared-batch'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { SOURCE_FORMATS } from '@/lib/sources/registry'
import { recordUuid } from '@/lib/store/content-id'
import { decodeFlow } from '@/lib/store/decode-flow'
import { encodeFlow } from '@/lib/store/encode-flow'
import { FlowMemory } from '@/lib/store/flow-memory'

const root = path.resolve(import.meta.dirname, '../..')
const corpus = path.resolve(root, '../shared/corpus')
const START = Date.parse('2026-11-24T12:00:00Z')

/** A flow through its stored form, as the database and JSON see it. */
function stored(memory: FlowMemory, flow: ClusteredFlow, keptAs: EvidenceClass = 'denied') {
  const recordId = recordUuid(flow.recordKey, flow.source, flow.cluster)
  const { shape, startMs, subMsNs, clientPort, rest } = encodeFlow(memory, flow, { recordId, keptAs })
  const frame = JSON.parse(shape.frame.json)
  return {
    keptAs: frame.keptAs,
    rest,
    shape,
    flow: decodeFlow({
      client: JSON.parse(shape.client.json),
      server: JSON.parse(shape.server.json),
      frame,
      startNs: BigInt(startMs) * 1_000_000n + BigInt(subMsNs),
      recordId,
      rest: rest === '' ? {} : JSON.parse(rest),
      ...(clientPort > 0 && { clientPort }),
    }),
  }
}

function decoded(source: 'hubble' | 'calico', bytes: Uint8Array): ClusteredFlow[] {
  const splitter = new JsonRecordSplitter({ maxRecordBytes: 1 << 20, maxDepth: 64 })
  const decoder = SOURCE_FORMATS[source].createDecoder()
  for (const framed of [...splitter.push(bytes), ...splitter.end()])
    if (!('reject' in framed)) decoder.push(framed.value, framed.line)
  return decoder.finish().flows.map(({ line: _, ...flow }) => ({ ...flow, cluster: flow.cluster ?? 'default' }))
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /json[l]?$/.test(name))
    .map((name) => path.join(folder, name))

function everyFlowOf(files: readonly string[], source: 'hubble' | 'calico'): ClusteredFlow[] {
  return files.flatMap((file) => decoded(source, readFileSync(file)))
}

const authored = (['hubble', 'calico'] as const).flatMap((source) =>
  everyFlowOf(filesOf(path.join(root, `lib/sources/${source}/__fixtures__`)), source),
)
const demo = demoBatches({ seed: 4, startMs: START, endMs: START + 600_000, scenarios: LIVE_SCENARIOS }).flatMap(
  ({ path: to, body }) => {
    const source = (['hubble', 'calico'] as const).find((name) => to === `/api/ingest/${name}`)
    return source ? decoded(source, body) : []
  },
)

describe('a flow comes back from its stored form as it was', () => {
  it('authored records of every situation, and the demo', () => {
    const memory = new FlowMemory()
    expect(authored.length).toBeGreaterThan(50)
    expect(demo.length).toBeGreaterThan(500)
    for (const flow of [...authored, ...demo]) expect(stored(memory, flow).flow).toEqual(flow)
  })

  it.skipIf(!existsSync(corpus)).each(['hubble', 'calico'] as const)('recorded lines: %s', (source) => {
    const memory = new FlowMemory()
    const flows = everyFlowOf(filesOf(path.join(corpus, source)), source)
    expect(flows.length).toBeGreaterThan(2)
    for (const flow of flows) expect(stored(memory, flow).flow).toEqual(flow)
  })

  it('with its members changed, left out, or hostile', () => {
    const memory = new FlowMemory()
    fc.assert(
      fc.property(changedFlow, (flow) => {
        const { flow: back, keptAs } = stored(memory, flow, 'exemplar')
        expect(back).toEqual(JSON.parse(JSON.stringify(flow)))
        expect(keptAs).toBe('exemplar')
      }),
      { numRuns: 500 },
    )
  })
})

it('an ordinary Hubble record needs nothing beside its columns, and records of one edge share their shape', () => {
  const memory = new FlowMemory()
  const hubble = demo.filter((flow) => flow.source === 'hubble' && !flow.l7)
  const forms = hubble.map((flow) => stored(memory, flow))
  expect(forms.filter(({ rest }) => rest !== '').map(({ rest }) => rest)).toEqual([])
  expect(new Set(forms.map(({ shape }) => shape.id)).size).toBeLessThan(hubble.length / 3)
})

it('flows that differ have shapes that differ, also where their texts are joined alike', () => {
  const memory = new FlowMemory()
  const flow = sampleFlow({ recordKey: 'k', startMs: START })
  const shapes = [
    { node: 'a', protocol: 'b' },
    { node: 'ab', protocol: 'cd' },
    { node: 'abc', protocol: 'd' },
    { node: 'a1:', protocol: 'b' },
    { node: 'a', protocol: 'b', raw: { x: 'rest' } },
    { node: 'a', protocol: 'b', raw: { x: 'k' } },
    { node: 'a', protocol: 'b', raw: { 'x1:': 'y' } },
    { node: 'a', protocol: 'b', raw: { x: { y: 1 } } },
    { node: 'a', protocol: 'b', raw: { x: '{"y":1}' } },
  ].map((change) => stored(memory, { ...flow, cluster: 'c', ...change }).shape.id)
  expect(new Set(shapes).size).toBe(shapes.length)
})

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\0', '\ud800', '__proto__', 'constructor', '\u2028', '"', 'rest', '0:', ','),
)
const jsonValue = fc.jsonValue({ noUnicodeString: false }).map((value): unknown => JSON.parse(JSON.stringify(value)))
const member = fc.oneof(anyText, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), jsonValue)
const counts = fc.record({
  connections: fc.nat(3),
  events: fc.nat(3),
  requests: fc.nat(2),
  requestErrors: fc.nat(2),
  bytesSent: fc.oneof(fc.constant(0), fc.maxSafeNat()),
  bytesReceived: fc.oneof(fc.constant(0), fc.maxSafeNat()),
})
/** Times of every spelling: right, shortened, wrong, not in UTC. */
const timeText = (startMs: number) => {
  const base = new Date(startMs).toISOString().slice(0, 19)
  return fc.oneof(
    fc.stringMatching(/^\d{0,9}$/).map((digits) => `${base}${digits && '.'}${digits}Z`),
    fc.nat(999_999).map((ns) => `${new Date(startMs).toISOString().slice(0, 23)}${String(ns).padStart(6, '0')}Z`),
    fc.constantFrom(`${base}Z`, `${base}+00:00`, `${base}.000Z`, `${base}.1e2Z`, ''),
  )
}
const hostileKeys = fc.oneof(
  anyText,
  fc.constantFrom(
    'time',
    'uuid',
    'source',
    'destination',
    'destination_names',
    'node_name',
    'packets_in',
    'start_time',
  ),
)
const changedFlow = fc
  .record({
    startMs: fc.oneof(fc.integer({ min: 0, max: 7_258_118_400_000 }), fc.double({ min: 0, max: 7e12, noNaN: true })),
  })
  .chain(({ startMs }) =>
    fc.tuple(
      fc.constantFrom(...authored),
      fc.constant(startMs),
      fc.record(
        {
          recordKey: fc.oneof(
            anyText,
            fc.uuid(),
            fc.uuid().map((id) => id.toUpperCase()),
          ),
          node: anyText,
          clientPort: fc.nat(65_535),
          serverPort: fc.nat(65_535),
          endMs: fc.nat(1000).map((more) => startMs + more),
          counts,
          traceId: anyText,
          isReply: fc.boolean(),
          repeatsSiblingCounts: fc.boolean(),
          service: fc.record({ namespace: anyText, name: anyText }),
          dnsAnswer: fc.record({ name: anyText, ips: fc.array(anyText) }),
          l7: fc.record(
            {
              protocol: fc.constant('http' as const),
              kind: fc.constant('response' as const),
              method: anyText,
              path: anyText,
              latencyNs: fc.maxSafeNat(),
              query: anyText,
              status: fc.nat(599),
            },
            { requiredKeys: ['protocol', 'kind'] },
          ),
          sibling: fc.record({ family: anyText, service: anyText, policies: anyText }),
          translatedSource: fc.record({ ip: anyText, isEgressObservation: fc.boolean() }),
        },
        { requiredKeys: [] },
      ),
      fc.dictionary(anyText, anyText),
      fc.array(fc.tuple(hostileKeys, member), { maxLength: 8 }),
      timeText(Math.floor(startMs)),
    ),
  )
  .map(([flow, startMs, change, labels, raw, time]): ClusteredFlow => {
    const copied = { ...flow, startMs, endMs: startMs, ...change }
    const names = copied.server.dnsNames ?? copied.client.dnsNames ?? []
    return {
      ...copied,
      client: { ...copied.client, labels },
      raw: Object.fromEntries([
        ['time', time],
        ['uuid', copied.recordKey],
        ['destination_names', names],
        ...Object.entries(flow.raw).slice(0, 5),
        ...raw,
      ]),
    }
  })
