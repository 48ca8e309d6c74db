import type { GraphEdge, ServiceGraph } from '../lib/model/graph'
import { expect, test } from './fixtures'

const CLUSTER = { 'x-postern-cluster': 'demo' }
const SERVER_IP = '162.159.140.245'
const SANCTIONED = '203.0.113.10'
const OTHER = '198.51.100.7'
const NODE = '10.0.1.5'

interface Translation {
  readonly hop: 'node' | 'nat-gw'
  readonly to: string
  /** From the translation of the hop before, not from the pod. */
  readonly isSecond?: boolean
  readonly lateS?: number
  readonly isUntrusted?: boolean
}
interface Case {
  readonly name: string
  readonly flow?: Record<string, unknown>
  readonly translations: readonly Translation[]
  readonly expect: { readonly state: string; readonly reason?: string; readonly lean?: string }
}

/** The decision vectors that Hubble and conntrack can show, as the bytes that they send. The rule and the path are the demo's. */
const CASES: readonly Case[] = [
  {
    name: 'two-hops-chained',
    translations: [
      { hop: 'node', to: NODE },
      { hop: 'nat-gw', to: SANCTIONED, isSecond: true },
    ],
    expect: { state: 'sanctioned' },
  },
  {
    name: 'two-hops-outside',
    translations: [
      { hop: 'node', to: NODE },
      { hop: 'nat-gw', to: OTHER, isSecond: true },
    ],
    expect: { state: 'violation' },
  },
  {
    name: 'gateway-without-its-node',
    translations: [{ hop: 'nat-gw', to: SANCTIONED, isSecond: true }],
    expect: { state: 'unverified', reason: 'no_nat_evidence', lean: 'none' },
  },
  {
    name: 'first-hop-only',
    translations: [{ hop: 'node', to: NODE }],
    expect: { state: 'unverified', reason: 'partial_hop', lean: 'none' },
  },
  {
    name: 'public-before-the-last-hop',
    translations: [{ hop: 'node', to: OTHER }],
    expect: { state: 'unverified', reason: 'partial_hop', lean: 'likely_violation' },
  },
  {
    name: 'private-at-the-last-hop',
    translations: [{ hop: 'nat-gw', to: '10.9.9.9' }],
    expect: { state: 'unverified', reason: 'unmapped_nat_address' },
  },
  {
    name: 'within-the-clock-skew',
    translations: [{ hop: 'nat-gw', to: OTHER, lateS: 5 }],
    expect: { state: 'violation' },
  },
  {
    name: 'out-of-time',
    translations: [{ hop: 'nat-gw', to: OTHER, lateS: 7 }],
    expect: { state: 'unverified' },
  },
  {
    name: 'untrusted-accuses',
    translations: [{ hop: 'nat-gw', to: OTHER, isUntrusted: true }],
    expect: { state: 'unverified', reason: 'no_nat_evidence', lean: 'likely_violation' },
  },
  {
    name: 'untrusted-never-acquits',
    translations: [{ hop: 'nat-gw', to: SANCTIONED, isUntrusted: true }],
    expect: { state: 'unverified', reason: 'no_nat_evidence', lean: 'none' },
  },
  { name: 'nothing-known', translations: [], expect: { state: 'unverified', reason: 'no_nat_evidence' } },
  {
    name: 'stopped-by-a-policy',
    flow: { verdict: 'DROPPED', drop_reason_desc: 'POLICY_DENIED' },
    translations: [],
    expect: { state: 'blocked' },
  },
]

function flowOf({ name, flow }: Case, index: number, atMs: number): string {
  const [port, pod] = [30_000 + index * 10, `10.55.0.${index + 1}`]
  return `${JSON.stringify({
    flow: {
      time: new Date(atMs).toISOString(),
      uuid: `00000000-0000-4000-c000-${String(index).padStart(12, '0')}`,
      verdict: 'FORWARDED',
      IP: { source: pod, destination: SERVER_IP },
      l4: { TCP: { source_port: port, destination_port: 443, flags: { SYN: true } } },
      source: {
        ID: 1,
        namespace: 'vectors',
        pod_name: `${name}-0`,
        workloads: [{ name, kind: 'StatefulSet' }],
        labels: [],
      },
      destination: { labels: ['reserved:world'] },
      destination_names: ['api.openai.com'],
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
      ...flow,
    },
  })}\n`
}

/** As `conntrack -E -o extended,timestamp,id` prints it. */
function lineOf({ to, isSecond = false, lateS = 0 }: Translation, index: number, atMs: number): string {
  const port = 30_000 + index * 10
  const [from, fromPort] = isSecond ? [NODE, port + 1] : [`10.55.0.${index + 1}`, port]
  const toPort = isSecond ? port + 2 : port + 1
  const stamp = ((atMs + lateS * 1000) / 1000).toFixed(6)
  return `[${stamp}]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${from} dst=${SERVER_IP} sport=${fromPort} dport=443 [UNREPLIED] src=${SERVER_IP} dst=${to} sport=443 dport=${toPort} id=${toPort}\n`
}

test('the decision vectors that Hubble and conntrack can show come out the same as wire bytes over HTTP', async ({
  postern,
  request,
}) => {
  const { token } = await (await request.post('/api/tokens', { data: { name: 'workload', scopes: ['ingest'] } })).json()
  const atMs = Date.now() - 20_000
  const flows = CASES.map((item, index) => flowOf(item, index, atMs)).join('')
  expect(await (await postern.post(flows, { headers: CLUSTER })).json()).toMatchObject({
    accepted: CASES.length,
    rejected: 0,
  })
  for (const [index, { translations }] of CASES.entries())
    for (const translation of translations) {
      const headers = { ...CLUSTER, ...(translation.isUntrusted && { authorization: `Bearer ${token}` }) }
      const body = lineOf(translation, index, atMs)
      const answer = await postern.post(body, { source: `nat/conntrack?hop=${translation.hop}`, headers })
      expect(await answer.json()).toMatchObject({ accepted: 1, rejected: 0 })
    }
  const doors = async () => {
    const graph: ServiceGraph = await (
      await request.get('/api/graph?scope=all&level=workload&cap=0&cluster=demo&ns=vectors')
    ).json()
    const names = new Map(graph.nodes.map((node) => [node.id, node.name]))
    const door = ({ client, door }: GraphEdge) => [
      names.get(client),
      { state: door?.state, reason: door?.reason, lean: door?.lean },
    ]
    return Object.fromEntries(graph.edges.map(door))
  }
  const wanted = Object.fromEntries(CASES.map(({ name, expect: door }) => [name, expect.objectContaining(door)]))
  await expect.poll(doors, { timeout: 20_000 }).toEqual(wanted)
})
