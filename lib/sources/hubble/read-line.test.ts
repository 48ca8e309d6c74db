import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { hubbleLines } from '@/lib/demo/hubble-lines'
import type { DecodeResult, RecordReject } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import { type FramedRecord, JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { HOSTILE_TEXTS, hostileValue, mutateBytes, mutateText, mutateValue, pick, seededRandom } from '../fuzz/mutate'
import { createHubbleDecoder } from './decode'
import { HubbleLineMemo } from './line-parts'

const corpus = path.resolve(import.meta.dirname, '../../../../shared/corpus/hubble')
const FRAMING = { maxRecordBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting }
const NODE_LABELS = ['kubernetes.io/arch=amd64', 'kubernetes.io/hostname=worker-1', 'a]=b}', 'c={"x"']

interface Change {
  readonly head?: Readonly<Record<string, unknown>>
  readonly place?: Readonly<Record<string, unknown>>
  readonly event?: Readonly<Record<string, unknown>>
  readonly source?: unknown
  readonly destination?: unknown
}

const pod = (name: string, isLocal: boolean) => ({
  ...(isLocal && { ID: 700 + name.length }),
  identity: 20_000 + name.length,
  cluster_name: 'prod',
  namespace: 'shop',
  labels: [`k8s:app=${name}`, 'k8s:io.cilium.k8s.policy.cluster=prod', 'k8s:io.kubernetes.pod.namespace=shop'],
  pod_name: `${name}-7d9c8b6f5-x2v4q`,
  ...(isLocal && { workloads: [{ name, kind: 'Deployment' }] }),
})
const world = { identity: 16_777_217, labels: ['cidr:203.0.113.7/32', 'fqdn:api.openai.com', 'reserved:world'] }

let made = 0
/** A line as the exporter of Cilium 1.19 writes it. */
function lineOf({ head = {}, place = {}, event = {}, source = pod('web', true), destination = world }: Change): string {
  made += 1
  const time = `2026-11-24T10:0${made % 10}:${String(made % 60).padStart(2, '0')}.${String(made * 7919)
    .padStart(9, '0')
    .slice(-9)}Z`
  const flow = {
    time,
    uuid: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    emitter: { name: 'Hubble', version: '1.19.4+g1fd5b2a0' },
    verdict: 'FORWARDED',
    ethernet: { source: 'fe:45:4b:8e:61:55', destination: '66:5a:4c:b8:5f:09' },
    IP: { source: '10.1.2.3', destination: '203.0.113.7', ipVersion: 'IPv4' },
    l4: { TCP: { source_port: 40_000 + made, destination_port: 443, flags: { SYN: true } } },
    ...head,
    source,
    destination,
    Type: 'L3_L4',
    node_name: 'prod/worker-1',
    node_labels: NODE_LABELS,
    destination_names: ['api.openai.com'],
    ...place,
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
    policy_match_type: 2,
    is_reply: false,
    Summary: 'TCP Flags: SYN',
    egress_allowed_by: [
      { name: 'allow', namespace: 'shop', labels: ['k8s:io.cilium.k8s.policy.name=allow'], revision: '5', kind: 'CNP' },
    ],
    ...event,
  }
  return JSON.stringify({ flow, node_name: 'prod/worker-1', time })
}

/** Every kind of line that is read without JSON.parse, and neighbours of each that are not. */
const AUTHORED: readonly string[] = [
  {},
  {
    head: { IP: { source: '10.1.2.3', source_xlated: '198.51.100.9', destination: '203.0.113.7', ipVersion: 'IPv4' } },
  },
  {
    head: { IP: { source: '10.1.2.3', source_xlated: '198.51.100.9', destination: '203.0.113.7', ipVersion: 'IPv4' } },
    event: { event_type: { type: 4, sub_type: 11 }, trace_observation_point: 'TO_NETWORK', trace_reason: 'NEW' },
  },
  { head: { IP: { source: '10.1.2.3', destination: '203.0.113.7', ipVersion: 'IPv4', encrypted: true } } },
  { head: { IP: { source: '10.1.2.3', destination: '203.0.113.7', ipVersion: 'IPv4', encrypted: false } } },
  { head: { verdict: 'DROPPED', drop_reason: 133 }, event: { drop_reason_desc: 'POLICY_DENIED', is_reply: undefined } },
  { head: { verdict: 'DROPPED', drop_reason: 181 } },
  { head: { verdict: 'DROPPED', drop_reason: 0 }, event: { event_type: { type: 1, sub_type: 133 } } },
  { head: { verdict: 'DROPPED', drop_reason: 9999 }, event: { drop_reason_desc: 9999 } },
  { head: { verdict: 'AUDIT' }, event: { egress_denied_by: [{ name: 'no', kind: 'CNP' }] } },
  { head: { verdict: 'REDIRECTED' } },
  { head: { verdict: 'ERROR' } },
  { head: { verdict: 'TRACED' } },
  { head: { verdict: 2 } },
  { destination: pod('api', false), place: { destination_names: undefined } },
  {
    source: pod('web', false),
    destination: pod('api', true),
    event: { traffic_direction: 'INGRESS', ingress_allowed_by: [{}] },
  },
  { source: { identity: 1, labels: ['reserved:host', 'reserved:remote-node'] }, destination: pod('api', true) },
  {
    destination: { identity: 2, labels: ['reserved:world'] },
    place: { destination_names: ['b.example', 'a.example'] },
  },
  {
    destination: { identity: 2, labels: ['reserved:world'] },
    place: { destination_names: ['a\nb'], source_names: ['x'] },
  },
  { destination: { identity: 2, labels: ['reserved:world'] }, place: { destination_names: ['a', 'b', 'A.', ''] } },
  { destination: {} },
  { source: {} },
  {
    event: {
      event_type: { type: 4 },
      trace_observation_point: 'TO_ENDPOINT',
      trace_reason: 'NEW',
      egress_allowed_by: undefined,
    },
  },
  { event: { event_type: { type: 4, sub_type: 3 }, trace_reason: 'NEW', egress_allowed_by: undefined } },
  {
    event: {
      event_type: { type: 4, sub_type: 3 },
      trace_reason: 'REPLY',
      is_reply: true,
      interface: { index: 3, name: 'lxc1' },
    },
  },
  { event: { event_type: { type: 129 } } },
  { event: { event_type: { type: 7 } } },
  { event: { event_type: {} } },
  { event: { aggregate: { egress_flow_count: 3, ingress_flow_count: 2 } } },
  {
    place: { Type: 'L7', l7: { type: 'RESPONSE', http: { code: 503, url: 'http://a/b?c=d' } } },
    event: { event_type: { type: 129 } },
  },
  { place: { Type: 'L3_L4', l7: { type: 'REQUEST', dns: { query: 'a.example.' } } } },
  { place: { node_name: 'worker-1' }, source: { ...pod('web', true), cluster_name: 'default', labels: [] } },
  { place: { node_name: '' } },
  { head: { l4: { UDP: { source_port: 53, destination_port: 40_001 } } }, event: { is_reply: true } },
  { head: { l4: { SCTP: { source_port: 5, destination_port: 6 } } } },
  { head: { l4: { ICMPv4: { type: 8 } } } },
  { head: { l4: { TCP: { source_port: 0, destination_port: 65_535, flags: { SYN: true, ACK: true } } } } },
  { head: { l4: { TCP: { source_port: 1, destination_port: 99_999, flags: {} } } } },
  { head: { l4: { TCP: { source_port: 1, destination_port: 2, flags: { PSH: true, SYN: false } } } } },
  { head: { IP: { source: 'fd00::7', destination: '2001:db8::1', ipVersion: 'IPv6' } } },
  { head: { IP: { source: '2001:DB8:0::1', destination: '::ffff:10.0.0.1', ipVersion: 'IPv6' } } },
  { head: { IP: { source: '010.1.1.1', destination: '10.0.0.256' } } },
  { head: { uuid: undefined } },
  { head: { uuid: '' } },
  { head: { uuid: 'x'.repeat(80) } },
  { head: { time: '2026-11-24T10:00:00Z' } },
  { head: { time: '2026-11-24T10:00:00.1Z' } },
  { head: { time: '2026-11-24T10:00:60.5Z' } },
  { head: { time: '2026-11-24T24:00:00Z' } },
  { head: { time: '2026-02-30T10:00:00.123456789Z' } },
  { head: { time: '2026-11-24T10:00:00.123456+02:00' } },
  { head: { emitter: undefined, ethernet: undefined } },
].map((change) => lineOf(change))

const memo = new HubbleLineMemo()

interface Read extends DecodeResult {
  readonly framing: readonly RecordReject[]
}

/** A body, decoded with and without the reader of lines; `taken` counts the records that it took. */
function decode(
  body: Buffer,
  isRead: boolean,
  cut = body.length || 1,
): { readonly result: Read; readonly taken: number } {
  const decoder = createHubbleDecoder(memo)
  let taken = 0
  const read: typeof decoder.read = (bytes, from, text, line) => {
    const length = decoder.read?.(bytes, from, text, line) ?? 0
    if (length > 0) taken += 1
    return length
  }
  const splitter = new JsonRecordSplitter(FRAMING, isRead ? read : undefined)
  const framing: RecordReject[] = []
  const sink = {
    push: (one: FramedRecord) => ('value' in one ? decoder.push(one.value, one.line) : void framing.push(one.reject)),
  }
  for (let at = 0; at < body.length; at += cut) splitter.feed(body.subarray(at, at + cut), sink)
  splitter.finish(sink)
  return { result: { ...decoder.finish(), framing }, taken }
}

/** Fails where the reader changes anything that comes of the body; answers how many records it took. */
function expectSame(body: Buffer | string, why = '', cut?: number): number {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body)
  const fast = decode(bytes, true, cut)
  expect(fast.result, why || bytes.toString('utf8').slice(0, 4000)).toStrictEqual(decode(bytes, false).result)
  return fast.taken
}

describe('a line that is read without JSON.parse', () => {
  it.each(AUTHORED.map((line, index) => [index, line]))('gives what the parsed record gives: %i', (_index, line) => {
    expectSame(line)
    expectSame(line)
  })

  it('is what exporters write', () => {
    expect(AUTHORED.filter((line) => expectSame(line) === 1).length).toBeGreaterThanOrEqual(28)
    const lines = hubbleLines({ seed: 3, startMs: 1_790_000_000_000, endMs: 1_790_000_600_000 })
    expect(expectSame(lines.join('\n'))).toBe(lines.length)
  })

  it('shares what repeats', () => {
    const { flows } = decode(Buffer.from([lineOf({}), lineOf({})].join('\n')), true).result
    const [one, other] = flows
    expect(one?.recordKey).not.toBe(other?.recordKey)
    for (const key of ['client', 'server', 'verdict', 'trace', 'counts'] as const) expect(one?.[key]).toBe(other?.[key])
  })

  it('keeps its place among others, however the body is cut', () => {
    const strangers = [
      '{"flow":1}',
      'garbage',
      '{"cut":"off',
      '{\n "flow": {\n  "verdict": 1 }\n}',
      '',
      '{"flow":{"time":"ü"}}',
    ]
    const lines = AUTHORED.flatMap((line, index) => [line, strangers[index % strangers.length] ?? '', `${line}\r`])
    for (const body of [lines.join('\n'), `[${AUTHORED.join(',')}]`, AUTHORED.join(''), `\uFEFF${AUTHORED.join(' ')}`])
      for (const cut of [1000, 16_384, 40_000, body.length]) expect(expectSame(body, '', cut)).toBeGreaterThan(20)
    expectSame(lines.slice(0, 9).join('\n'), '', 1)
  })

  it('of a body with characters beyond ASCII is still read', () => {
    const lines = [lineOf({}), lineOf({ source: { ...pod('web', true), pod_name: 'wéb' } }), lineOf({})]
    expect(expectSame(lines.join('\n'))).toBe(2)
  })
})

describe('a line that was changed', () => {
  const readable: readonly unknown[] = AUTHORED.map((line): unknown => JSON.parse(line))
  const ROUNDS = 1500

  it('in its text', () => {
    const random = seededRandom(20_261_201)
    for (let round = 0; round < ROUNDS; round += 1)
      expectSame(mutateText(pick(random, AUTHORED) ?? '', AUTHORED, random), `round ${round}`)
  })

  it('in its bytes', () => {
    const random = seededRandom(20_261_202)
    const seeds = AUTHORED.map((line) => Buffer.from(line))
    for (let round = 0; round < ROUNDS; round += 1)
      expectSame(Buffer.from(mutateBytes(pick(random, seeds) ?? Buffer.alloc(0), seeds, random)), `round ${round}`)
  })

  it('in its values', () => {
    const random = seededRandom(20_261_203)
    for (let round = 0; round < ROUNDS; round += 1)
      expectSame(JSON.stringify(mutateValue(pick(random, readable), readable, random)), `round ${round}`)
  })

  it('in the order of its keys', () => {
    const random = seededRandom(20_261_204)
    for (let round = 0; round < ROUNDS / 4; round += 1)
      expectSame(JSON.stringify(shuffled(pick(random, readable), random, 0.2)), `round ${round}`)
  })

  it('by a member that stands there twice, or that no exporter writes', () => {
    const random = seededRandom(20_261_205)
    const keys = [...new Set(readable.flatMap(keysOf)), ...CAMEL, '__proto__', 'constructor', 'aggregate', 'l7', 'log']
    for (let round = 0; round < ROUNDS; round += 1) {
      const line = pick(random, AUTHORED) ?? ''
      const places = [...line.matchAll(/[{,](?=")/g)].map((match) => match.index + 1)
      const at = pick(random, places) ?? 1
      const value = pick(random, [hostileValue(random), pick(random, readable), 'X', 4, true, ['a'], { type: 4 }])
      const member = `${JSON.stringify(pick(random, keys))}:${JSON.stringify(value) ?? 'null'},`
      expectSame(`${line.slice(0, at)}${member}${line.slice(at)}`, `round ${round}`)
    }
  })

  it('by escapes, blanks, and texts that hold its own marks', () => {
    const random = seededRandom(20_261_206)
    const marks = [
      '},"destination":{',
      '},"Type":"',
      ',"event_type":{',
      '},"node_name":"',
      '\\',
      '"',
      '{',
      ']}',
      '\u2028',
      'é',
    ]
    for (let round = 0; round < ROUNDS; round += 1) {
      const line = pick(random, AUTHORED) ?? ''
      const at = Math.floor(random() * line.length)
      const mark = pick(random, [...marks, ...HOSTILE_TEXTS]) ?? ''
      const shown = pick(random, [
        mark,
        JSON.stringify(mark).slice(1, -1),
        ' ',
        '\t',
        '\\u0041',
        '\\n',
        '\\ud800',
        '\n',
        '\0',
      ])
      expectSame(`${line.slice(0, at)}${shown}${line.slice(at)}\n${line}`, `round ${round}`)
    }
  })

  it('by a cut', () => {
    for (const line of AUTHORED.slice(0, 6))
      for (let at = 0; at < line.length; at += 7) expectSame(`${line.slice(0, at)}\n${line}\n${line.slice(0, at)}`)
  })
})

describe.skipIf(!existsSync(corpus))('recorded lines', () => {
  const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('json'))
  const bodies = files.map((file) => readFileSync(path.join(corpus, file), 'utf8'))

  it.each(files.map((file, index) => [file, bodies[index] ?? '']))('%s', (_file, body) => {
    expectSame(body)
    // The older ones have no uuid; with one, more of them are read without JSON.parse.
    const withUuid = body
      .split('\n')
      .map((line, index) => line.replace(/^\{"flow":\{"time":"[^"]*",/, `$&"uuid":"u-${index}",`))
    expectSame(withUuid.join('\n'))
  })

  it('are read without JSON.parse where they are of this decade', () => {
    const body = bodies[files.findIndex((file) => file.includes('demo32'))] ?? ''
    expect(expectSame(body)).toBe(8)
  })
})

const CAMEL = ['nodeName', 'eventType', 'dropReasonDesc', 'isReply', 'sourceNames', 'trafficDirection', 'traceReason']

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf)
  return isRecord(value) ? Object.entries(value).flatMap(([key, item]) => [key, ...keysOf(item)]) : []
}

/** Each object's members in another order, or a few of them. */
function shuffled(value: unknown, random: () => number, share: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random, share))
  if (!isRecord(value)) return value
  const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item, random, share)] as const)
  for (let index = entries.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1))
    const [a, b] = [entries[index], entries[other]]
    if (a && b && random() < share) [entries[index], entries[other]] = [b, a]
  }
  return Object.fromEntries(entries)
}
