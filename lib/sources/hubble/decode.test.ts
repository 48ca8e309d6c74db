import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Flow } from '@/lib/model/flow'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { expectGolden } from '@/lib/sources/golden'
import { createHubbleDecoder } from './decode'

const fixture = path.join(import.meta.dirname, '__fixtures__/situations.jsonl')

describe('situations', () => {
  it('are decoded as reviewed, line by line; nothing marked as secret comes out', async () => {
    const lines = readFileSync(fixture, 'utf8').trim().split('\n')
    const read = lines.map((line): unknown => JSON.parse(line))
    const alone = read.map((record) => ({ situation: situationOf(record), ...decode(record) }))
    expect(JSON.stringify(alone)).not.toContain('MARKER')
    await expectGolden(path.join(import.meta.dirname, '__golden__/situations.json'), alone)
  })

  it('count a denied packet once, though its verdict and its drop both speak of it', () => {
    const lines = readFileSync(fixture, 'utf8').trim().split('\n')
    const read = lines.map((line): unknown => JSON.parse(line))
    const pair = read.filter((record) => situationOf(record).startsWith('default deny'))
    expect(decode(...pair).flows.map((item) => item.counts.connections)).toEqual([1, 0])
  })
})

function situationOf(record: unknown): string {
  return isRecord(record) && typeof record.situation === 'string' ? record.situation : ''
}

const POLICY = { name: 'p', namespace: 'ns', kind: 'CiliumNetworkPolicy' }
const flow = (part: Record<string, unknown> = {}) => ({
  time: '2026-11-24T00:00:00.123456789Z',
  uuid: '11111111-1111-4111-8111-111111111111',
  verdict: 'FORWARDED',
  IP: { source: '10.0.0.1', destination: '10.0.0.2' },
  l4: { TCP: { source_port: 40_000, destination_port: 443, flags: { SYN: true } } },
  source: { ID: 5, namespace: 'ns', pod_name: 'web-7d9c8b6f5-x2v4q', workloads: [{ name: 'web', kind: 'Deployment' }] },
  destination: { namespace: 'ns', pod_name: 'api-7d9c8b6f5-x2v4q' },
  event_type: { type: 5 },
  traffic_direction: 'EGRESS',
  ...part,
})
function decode(...records: unknown[]) {
  const decoder = createHubbleDecoder()
  for (const [index, record] of records.entries()) decoder.push(record, index + 1)
  return decoder.finish()
}
function one(part: Record<string, unknown>): Flow {
  const [first] = decode({ flow: flow(part) }).flows
  if (!first) throw new Error('nothing was decoded')
  return first
}

describe('verdicts, row by row of the mapping table', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['L7 refusal', { verdict: 'DROPPED', event_type: { type: 129 }, Type: 'L7' }, 'denied not_reported L7'],
    ['explicit deny (181)', { verdict: 'DROPPED', drop_reason: 181 }, 'denied rule L4'],
    ['default deny (133)', { verdict: 'DROPPED', drop_reason_desc: 'POLICY_DENIED' }, 'denied default L4'],
    [
      'authentication required (189)',
      { verdict: 'DROPPED', drop_reason: 189 },
      'dropped not_reported L4 AUTH_REQUIRED',
    ],
    [
      'no egress gateway (194)',
      { verdict: 'DROPPED', drop_reason_desc: 194 },
      'dropped not_reported L4 NO_EGRESS_GATEWAY',
    ],
    ['unknown number', { verdict: 'DROPPED', drop_reason: 999 }, 'dropped not_reported L4 999'],
    ['audit', { verdict: 'AUDIT' }, 'allowed not_reported L4'],
    ['L7 error', { verdict: 'ERROR', event_type: { type: 129 } }, 'error not_reported L7 ERROR'],
    ['redirected to the proxy', { verdict: 'REDIRECTED', egress_allowed_by: [POLICY] }, 'allowed rule L4'],
    ['allowed by a policy', { egress_allowed_by: [POLICY] }, 'allowed rule L4'],
    [
      'allowed by the engine itself',
      { egress_allowed_by: [{ labels: ['reserved:io.cilium.policy.derived-from=allow-localhost-ingress'] }] },
      'allowed implicit L4',
    ],
    ['allowed, not correlated', {}, 'allowed not_reported L4'],
    [
      'trace',
      { event_type: { type: 4, sub_type: 3 }, trace_observation_point: 'TO_STACK' },
      'observed not_reported L4',
    ],
    ['unknown verdict', { verdict: 'VERDICT_UNKNOWN' }, 'unknown not_reported L4'],
    ['verdict as a number', { verdict: 2, drop_reason: 133 }, 'denied default L4'],
  ])('%s', (_name, part, expected) => {
    const { outcome, basis, layer, dropReason } = one(part).verdict
    expect([outcome, basis, layer, dropReason].filter(Boolean).join(' ')).toBe(expected)
  })

  it('audit means that a policy would deny', () => {
    expect(one({ verdict: 'AUDIT' }).verdict.pending).toBe('would_deny')
  })

  it('a drop never carries the other direction’s allowing policy', () => {
    expect(
      one({ verdict: 'DROPPED', drop_reason: 133, traffic_direction: 'INGRESS', egress_allowed_by: [POLICY] }).trace,
    ).toEqual({})
  })
})

describe('orientation and identity', () => {
  it('a reply is turned round and counts nothing', () => {
    const reply = one({
      is_reply: true,
      event_type: { type: 4 },
      trace_observation_point: 'TO_ENDPOINT',
      l4: { TCP: { source_port: 443, destination_port: 40_000 } },
    })
    expect(reply).toMatchObject({
      client: { name: 'api' },
      server: { name: 'web' },
      serverPort: 443,
      counts: { connections: 0, events: 1 },
    })
  })

  it('a workload is its owner, else the pod’s name without hashes', () => {
    expect(one({})).toMatchObject({ client: { name: 'web', workloadKind: 'Deployment' }, server: { name: 'api' } })
  })

  it.each([
    ['a managed API server', ['reserved:kube-apiserver', 'reserved:world'], 'kube-apiserver'],
    ['a node', ['reserved:host', 'reserved:remote-node'], 'host'],
    ['the world by address', ['reserved:world'], 'external'],
  ])('%s', (_name, labels, expected) => {
    expect(one({ destination: { labels } }).server.class).toBe(expected)
  })

  it('one DNS name names the peer; several mean one of these, so the address stays', () => {
    const world = { destination: { labels: ['reserved:world'] } }
    expect(one({ ...world, destination_names: ['API.OpenAI.com.'] }).server).toMatchObject({ name: 'api.openai.com' })
    expect(one({ ...world, destination_names: ['a.example', 'b.example'] }).server).toMatchObject({
      name: '10.0.0.2',
      dnsNames: ['a.example', 'b.example'],
    })
  })

  it('an identity’s selectors are kept apart from names: one without a * is shown, none is a name that the client asked for', () => {
    const to = (...labels: string[]) => one({ destination: { labels: [...labels, 'reserved:world'] } }).server
    expect(to('fqdn:API.OpenAI.com.')).toEqual({
      class: 'external',
      namespace: '',
      name: 'api.openai.com',
      ip: '10.0.0.2',
      fqdnSelectors: ['api.openai.com'],
    })
    expect(to('fqdn:*.openai.com')).toMatchObject({ name: '10.0.0.2', fqdnSelectors: ['*.openai.com'] })
    expect(to('fqdn:a.example', 'fqdn:b.example')).toMatchObject({ name: '10.0.0.2' })
    const named = one({ destination: { labels: ['fqdn:*.openai.com'] }, destination_names: ['api.openai.com'] }).server
    expect(named).toMatchObject({ name: 'api.openai.com', dnsNames: ['api.openai.com'] })
    expect(named.fqdnSelectors).toBeUndefined()
  })

  it('trace events do not trust traffic_direction', () => {
    expect(
      one({
        event_type: { type: 4 },
        trace_observation_point: 'TO_ENDPOINT',
        traffic_direction: 'EGRESS',
        source: {},
        destination: { ID: 3, pod_name: 'x' },
      }).observer,
    ).toBe('server')
  })
})

describe('counting', () => {
  it('a denied packet’s verdict and drop event are one connection', () => {
    const denied = { verdict: 'DROPPED', drop_reason: 133 }
    const { flows } = decode(
      { flow: flow(denied) },
      { flow: flow({ ...denied, uuid: '2', event_type: { type: 1, sub_type: 133 } }) },
    )
    expect(flows.map((item) => item.counts.connections)).toEqual([1, 0])
  })

  it('an aggregated line weighs what it stands for', () => {
    expect(one({ aggregate: { ingress_flow_count: 2, egress_flow_count: 5 } }).counts.connections).toBe(7)
  })
})

describe('post-SNAT addresses', () => {
  const egress = {
    IP: { source: '10.0.0.1', destination: '198.51.100.20', source_xlated: '203.0.113.10' },
    destination: { labels: ['reserved:world'] },
    event_type: { type: 4, sub_type: 11 },
  }
  it('are an observation only leaving the node towards the world', () => {
    expect(one({ ...egress, trace_observation_point: 'TO_NETWORK', is_reply: false }).translatedSource).toEqual({
      ip: '203.0.113.10',
      isEgressObservation: true,
    })
    expect(
      one({ ...egress, trace_observation_point: 'TO_ENDPOINT', is_reply: false }).translatedSource?.isEgressObservation,
    ).toBe(false)
    expect(
      one({ ...egress, trace_observation_point: 'TO_NETWORK', is_reply: true }).translatedSource?.isEgressObservation,
    ).toBe(false)
  })
})

it('what node encryption carried is said so in the evidence, and only that', () => {
  const ip = { source: '10.0.0.1', destination: '10.0.1.2' }
  expect(one({ IP: { ...ip, encrypted: true } }).raw.encrypted).toBe(true)
  for (const encrypted of [undefined, false, 'true', 1])
    expect(one({ IP: { ...ip, encrypted } }).raw.encrypted).toBe(undefined)
})

describe('secrets', () => {
  it('headers and query strings never leave the decoder', () => {
    const http = {
      code: 200,
      method: 'POST',
      url: 'http://api/v1/chat?key=SECRET-Q',
      headers: [{ key: 'Authorization', value: 'Bearer SECRET-H' }],
    }
    const decoded = one({ Type: 'L7', event_type: { type: 129 }, l7: { type: 'RESPONSE', latency_ns: '1200', http } })
    expect(decoded.l7).toMatchObject({ method: 'POST', status: 200, path: '/v1/chat', latencyNs: 1200 })
    expect(JSON.stringify(decoded)).not.toContain('SECRET')
  })
})

describe('shapes', () => {
  it.each([
    ['the exporter’s envelope', { flow: flow() }],
    ['a bare flow', flow()],
    ['Fluent Bit', { date: 1.5, log: JSON.stringify({ flow: flow() }) }],
    ['a container runtime’s prefix', { log: `2026-11-24T00:00:00.0Z stdout F ${JSON.stringify({ flow: flow() })}` }],
    ['Vector', { message: JSON.stringify({ flow: flow() }), host: 'n' }],
  ])('%s gives the same flow', (_name, record) => {
    expect(decode(record).flows).toEqual(decode({ flow: flow() }).flows)
  })

  it('lost events and lost nodes are gaps; a record that is nothing of ours is refused with its line', () => {
    const { gaps, rejects } = decode(
      {
        lost_events: { source: 'HUBBLE_RING_BUFFER', num_events_lost: '12' },
        time: '2026-11-24T00:00:00Z',
        node_name: 'n1',
      },
      { node_status: { state_change: 'NODE_UNAVAILABLE', node_names: ['n2'] }, time: '2026-11-24T00:00:00Z' },
      { hello: 'world' },
    )
    expect(gaps).toMatchObject([
      { reason: 'HUBBLE_RING_BUFFER', lost: 12, node: 'n1' },
      { reason: 'NODE_UNAVAILABLE', node: 'n2' },
    ])
    expect(rejects).toMatchObject([{ line: 3, reason: 'no_flow' }])
  })
})

it('an IPv6 address is one address, however it is written', () => {
  const ends = decode(flow({ IP: { source: '2001:DB8:0:0::7', destination: '::ffff:203.0.113.9' } })).flows[0]
  expect([ends?.client.ip, ends?.server.ip]).toEqual(['2001:db8::7', '203.0.113.9'])
})
