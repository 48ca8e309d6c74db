import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  CLUSTER,
  corednsLine,
  EGRESS_YAML,
  forgetScene,
  OTHER,
  SANCTIONED,
  saveLease,
  sendGoldmane,
  sendQuestions,
  sendTranslations,
} from './__fixtures__/calico-scene'
import { drawNatEdges } from './draw-nat-edges'
import { setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'
import { loadEdgeDetail } from './load-edge'
import { queryGraph } from './query-graph'
import { trackFindings } from './track-findings'

const NOW = Date.now()
const AT = NOW - 600_000
const SETTLE_MS = 120_000
const WINDOW = { fromMs: NOW - 3_600_000, toMs: NOW }
const [OPENAI, ELSEWHERE, UNASKED] = ['198.51.100.20', '198.51.100.21', '198.51.100.99']
const PODS = {
  'batch-agent': '10.244.1.10',
  crawler: '10.244.1.11',
  embedder: '10.244.1.12',
  scraper: '10.244.1.13',
} as const
type Workload = keyof typeof PODS

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: EGRESS_YAML })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  await forgetScene()
  await sendGoldmane(AT - 60_000, AT + 60_000, NOW)
  for (const [workload, ip] of Object.entries(PODS))
    await saveLease({ ip, namespace: 'inference', workload, fromMs: AT - 3_600_000 })
  const asks = (workload: Workload, name: string, afterMs = -800) => corednsLine(PODS[workload], name, AT + afterMs)
  await sendQuestions(
    [
      asks('batch-agent', 'api.openai.com.inference.svc.cluster.local'),
      asks('batch-agent', 'api.openai.com'),
      asks('crawler', 'api.openai.com'),
      asks('embedder', 'api.openai.com'),
      asks('embedder', 'models.example.com', -5000),
    ],
    NOW,
  )
  const calls: readonly [Workload, string, string][] = [
    ['batch-agent', OPENAI, SANCTIONED],
    ['crawler', OPENAI, OTHER],
    ['embedder', ELSEWHERE, SANCTIONED],
    ['scraper', UNASKED, OTHER],
  ]
  for (const [index, [workload, server, publicIp]] of calls.entries())
    await sendTranslations({ ip: PODS[workload], port: 41_000 + 10 * index, server, atMs: AT, publicIp }, NOW)
  await drawNatEdges({ nowMs: NOW, settleMs: SETTLE_MS })
  await judgeEgress()
})

const graph = () => queryGraph({ dataset: '', windowMs: 3_600_000, scope: 'all', namespaces: [], states: [] }, NOW)

async function doorOf(workload: Workload) {
  const { nodes, edges } = await graph()
  const client = nodes.find((node) => node.class === 'workload' && node.name === workload)
  const drawn = edges.filter(
    (edge) => edge.client === client?.id && edge.variants.some(({ source }) => source === 'nat'),
  )
  return drawn.map((edge) => ({
    to: nodes.find((node) => node.id === edge.server),
    door: edge.door,
    state: edge.state,
    connections: edge.counters.connections,
    id: edge.id,
  }))
}

describe('open-source Calico: Goldmane, conntrack of two hops, the log of CoreDNS and leases of pods', () => {
  it('prove a sanctioned call and a violation, each on the edge of its workload to the provider', async () => {
    expect(await doorOf('batch-agent')).toMatchObject([
      {
        to: { class: 'provider', name: OPENAI, provider: { id: 'openai', matchedBy: 'dns-question', certain: true } },
        door: { state: 'sanctioned', observedIps: [SANCTIONED], confidence: 'observed at the final hop' },
        state: 'no_verdict',
        connections: 1,
      },
    ])
    expect(await doorOf('crawler')).toMatchObject([
      { to: { name: OPENAI }, door: { state: 'violation', violatingIps: [OTHER] }, connections: 1 },
    ])
  })

  it('show both hops’ lines as evidence, and by which name the provider was known', async () => {
    const [edge] = await doorOf('crawler')
    const detail = await loadEdgeDetail({ dataset: '', edgeId: edge?.id ?? '', window: WINDOW }, 'http://localhost')
    expect(detail.connections).toMatchObject([
      {
        clientIp: PODS.crawler,
        clientPort: 41_010,
        judgement: {
          state: 'violation',
          observedIp: OTHER,
          named: { way: 'dns-question', hosts: ['api.openai.com'] },
        },
      },
    ])
    expect(detail.connections[0]?.evidence.map(({ hop }) => hop).sort()).toEqual(['nat-gw', 'node'])
    expect(detail.connections[0]?.evidence.map(({ raw }) => raw).join()).toContain(`dst=${OTHER}`)
  })

  it('leave a pod that asked for two names unverified, since nothing tells which it was', async () => {
    const doors = await doorOf('embedder')
    expect(doors).toMatchObject([
      {
        to: { class: 'external', name: ELSEWHERE },
        door: { state: 'unverified', reason: 'provider_unknown', lean: 'likely_ok' },
      },
    ])
  })

  it('name no provider for a pod that asked nothing: its connection is drawn and not judged', async () => {
    const doors = await doorOf('scraper')
    expect(doors).toMatchObject([{ to: { class: 'external', name: UNASKED }, connections: 1 }])
    expect(doors[0]?.door).toBeUndefined()
  })

  it('open a finding for the violation alone, with the name that the provider keeps, not the address', async () => {
    await trackFindings(NOW)
    const rows = await query(`SELECT workload, target FROM finding WHERE detector = 'D0'`)
    expect(rows).toEqual([{ workload: 'inference/crawler', target: 'OpenAI (api.openai.com)' }])
  })

  it('keep Goldmane’s edge to the internet beside the named one, and count no connection as unnamed twice', async () => {
    const { nodes, edges, headline } = await graph()
    const internet = nodes.find((node) => node.class === 'internet' && node.cluster === CLUSTER)
    const agent = nodes.find((node) => node.name === 'batch-agent')
    const aggregate = edges.find((edge) => edge.client === agent?.id && edge.server === internet?.id)
    expect(aggregate?.counters.connections).toBeGreaterThan(1)
    const ofAggregate = aggregate?.counters.connections ?? 0
    // AI workloads: the agent (Goldmane's and its own named call) and the crawler (a named call).
    expect(headline.unnamedShare).toBeCloseTo((ofAggregate - 1) / (ofAggregate + 1))
    expect(headline).toMatchObject({ violations: 1, providerConnections: 3 })
    expect(headline.verifiedShare).toBeCloseTo(2 / 3)
  })
})
