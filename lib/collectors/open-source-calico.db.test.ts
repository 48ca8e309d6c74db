import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  type CalicoStory,
  CLUSTER,
  calicoStory,
  EGRESS_YAML,
  ELSEWHERE,
  OPENAI,
  OTHER,
  POD_IPS,
  SANCTIONED,
  UNASKED,
} from '@/lib/demo/open-source-calico'
import { createRng } from '@/lib/demo/rng'
import { type PolicyHit, policyName } from '@/lib/model/policy'
import { query, useDatabase } from '@/lib/store/client'
import { loadCollectors } from '@/lib/store/collectors'
import { createTestDatabase } from '@/lib/store/test-database'
import { drawNatEdges } from '@/lib/usecases/draw-nat-edges'
import { setEgressConfig } from '@/lib/usecases/egress-config'
import { ingestDns } from '@/lib/usecases/ingest-dns'
import { ingestNat } from '@/lib/usecases/ingest-nat'
import { judgeEgress } from '@/lib/usecases/judge-egress'
import { loadEdgeDetail } from '@/lib/usecases/load-edge'
import { queryGraph } from '@/lib/usecases/query-graph'
import { trackFindings } from '@/lib/usecases/track-findings'
import { FakeGoldmane, testTlsFile } from './calico/fake-goldmane'
import type { Collector } from './collector'
import { createGoldmane } from './goldmane'
import { createKubernetesCollector } from './kubernetes/kubernetes'
import { TestApiServer } from './kubernetes/test-api-server'
import { supervise } from './supervise'

const MINUTE = 60_000
/** The first calls are a quarter of an hour old, the last ones nine minutes. */
const NOW = Date.now()
const AT = Math.floor((NOW - 15 * MINUTE) / 1000) * 1000
const WINDOW = { fromMs: NOW - 60 * MINUTE, toMs: NOW }
const DEFAULTS = { defaultCluster: 'default', retentionMs: 24 * 60 * MINUTE, evidenceMs: 24 * 60 * MINUTE }
const WATCH = { firstPauseMs: 20, longestPauseMs: 100, absentPauseMs: 60_000, watchMs: 60_000, overdueMs: 30_000 }
const [PODS, REPLICA_SETS] = ['/api/v1/pods', '/apis/apps/v1/replicasets']

let database: Awaited<ReturnType<typeof createTestDatabase>>
let folder: string
let api: TestApiServer
let goldmane: FakeGoldmane
let running: { readonly ending: AbortController; readonly over: Promise<unknown> } | undefined
/** What the inventory's watch takes for now: the story is told in its own time. */
let clockMs = NOW
let story: CalicoStory

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  folder = await mkdtemp(path.join(tmpdir(), 'postern-oss-'))
  setEgressConfig({ fileText: EGRESS_YAML })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
  await rm(folder, { recursive: true })
})
afterEach(stop)

const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 20_000, interval: 20 })

/** Both collectors, as a start of Postern runs them, against servers of their protocols. */
async function start(): Promise<void> {
  await query(`TRUNCATE ingest_batch, nat_record, egress_connection, source_minute, source_reject, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, finding,
    judgement_history, dns_name, dns_question, address_change, pod_ip_lease, pod_owner, inventory_object, inventory_sync, collector,
    seen_record, gap`)
  story = calicoStory(AT)
  clockMs = AT - MINUTE
  api = new TestApiServer()
  await api.listen()
  api.serve(PODS, REPLICA_SETS)
  goldmane = new FakeGoldmane(() => NOW / 1000)
  await goldmane.listen()
  const kubeconfig = path.join(folder, 'kubeconfig')
  await writeFile(
    kubeconfig,
    `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "http://127.0.0.1:${api.port}", insecure-skip-tls-verify: true } }]
users: [{ name: u, user: { token: first-token } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
current-context: x
`,
  )
  const files = { ca: testTlsFile('ca.crt'), cert: testTlsFile('client.crt'), key: testTlsFile('client.key') }
  const collectors = [
    createKubernetesCollector({ name: 'pods', cluster: CLUSTER, kubeconfig }, DEFAULTS, WATCH),
    createGoldmane(
      {
        kind: 'goldmane',
        name: 'goldmane',
        cluster: CLUSTER,
        address: `127.0.0.1:${goldmane.port}`,
        tls: { ...files, serverName: 'goldmane.calico-system.svc' },
      },
      DEFAULTS,
      { batchMs: 20, retryMs: 20, tlsCheckMs: 1000, waitingRecords: 1000 },
    ),
  ]
  const ending = new AbortController()
  const clocked = (one: Collector): Collector => ({
    ...one,
    run: (context) => one.run({ ...context, now: () => clockMs }),
  })
  running = { ending, over: Promise.all(collectors.map((one) => supervise(clocked(one), ending.signal))) }
  await until(async () =>
    expect((await loadCollectors()).map(({ name, state }) => [name, state])).toEqual([
      ['goldmane', 'connected'],
      ['pods', 'connected'],
    ]),
  )
}

async function stop(): Promise<void> {
  if (!running) return
  running.ending.abort()
  await running.over
  running = undefined
  await goldmane.stop()
  await api.close()
}

const leases = () =>
  query<{ pod: string; isOpen: boolean }>(
    `SELECT split_part(pod, '-', 1) AS pod, valid_to IS NULL AS "isOpen" FROM pod_ip_lease WHERE cluster = $1 ORDER BY 1`,
    [CLUSTER],
  )
const common = () => ({
  dataset: '',
  tokenId: 't',
  clusterHeader: CLUSTER,
  nowMs: NOW,
  ...DEFAULTS,
})
async function* once(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(`${lines.join('\n')}\n`)
}
const sendConntrack = (hop: string, lines: readonly string[]) =>
  ingestNat({ ...common(), format: 'conntrack', hop, trusted: true, body: once(lines) })

/** Each source's part of the story; it has arrived when its promise is kept. */
const PARTS = {
  pods: async () => {
    clockMs = AT - MINUTE
    for (const object of story.replicaSets) api.put(REPLICA_SETS, object)
    for (const pod of [...story.pods, story.crawlerPod]) api.put(PODS, pod)
    await until(async () => expect(await leases()).toHaveLength(5))
  },
  /** The crawler's pod goes, and the reviewer's gets its address. */
  reuse: async () => {
    clockMs = story.goneMs
    api.remove(PODS, story.crawlerPod)
    await until(async () => expect(await leases()).toContainEqual({ pod: 'crawler', isOpen: false }))
    clockMs = story.takenMs
    api.put(PODS, story.reviewerPod)
    await until(async () => expect(await leases()).toContainEqual({ pod: 'reviewer', isOpen: true }))
    clockMs = NOW
  },
  goldmane: async () => {
    clockMs = NOW
    for (const { startS, flows } of story.buckets) await goldmane.rollOver(startS, flows)
    const count = story.buckets.flatMap(({ flows }) => flows).length
    await until(async () =>
      expect(
        await query(`SELECT 1 FROM flow_record r JOIN edge_variant v ON v.id = r.variant_id WHERE v.source = 'calico'`),
      ).toHaveLength(count),
    )
  },
  node: () => sendConntrack('node', story.nodeLines),
  gateway: () => sendConntrack('nat-gw', story.gatewayLines),
  dns: () => ingestDns({ ...common(), format: 'coredns', body: once(story.questions) }),
}
type Part = keyof typeof PARTS
const ORDER: readonly Part[] = ['pods', 'reuse', 'goldmane', 'node', 'gateway', 'dns']

/** What the worker does after each commit. */
async function pass(): Promise<void> {
  await drawNatEdges({ nowMs: NOW, settleMs: 0 })
  await judgeEgress()
  await trackFindings(NOW)
}

async function tell(order: readonly Part[]): Promise<void> {
  for (const part of order) {
    await PARTS[part]()
    await pass()
    // Not for a moment is anybody else accused.
    expect(await query(`SELECT 1 FROM finding WHERE detector = 'D0' AND workload <> 'agents/crawler'`)).toEqual([])
  }
}

const graph = () => queryGraph({ dataset: '', windowMs: 60 * MINUTE, scope: 'all', namespaces: [], states: [] }, NOW)

const policyWords = ({ tier, name, action, trigger }: PolicyHit): string =>
  `${tier}/${name} ${action}${trigger ? ` by ${policyName(trigger)}` : ''}`

/** Everything that people see of it: edges with their doors, deciding policies and evidence, findings, headline. */
async function told() {
  const { nodes, edges, headline } = await graph()
  const nodeOf = (id: string) => nodes.find((node) => node.id === id)
  const shown = await Promise.all(
    edges.map(async (edge) => {
      const [client, server] = [nodeOf(edge.client), nodeOf(edge.server)]
      const { connections } = await loadEdgeDetail({ dataset: '', edgeId: edge.id, window: WINDOW }, 'http://localhost')
      return {
        from: `${client?.namespace}/${client?.name}`,
        to: server?.class === 'internet' ? 'internet' : `${server?.namespace}/${server?.name}`,
        class: server?.class,
        provider: server?.provider?.id,
        sources: [...new Set(edge.variants.map(({ source }) => source))],
        state: edge.state,
        policies: edge.variants.flatMap(({ enforced = [] }) => enforced.map(policyWords)),
        connections: edge.counters.connections,
        door: edge.door && [edge.door.state, edge.door.reason, edge.door.observedIps.join()],
        judged: connections.map(({ clientIp, clientPort, judgement, evidence }) => ({
          client: `${clientIp}:${clientPort}`,
          named: [judgement.named?.way, judgement.named?.hosts.join()],
          raw: evidence.map(({ hop, raw }) => `${hop}: ${raw}`).sort(),
        })),
      }
    }),
  )
  const findings = await query('SELECT detector, status, workload, target FROM finding ORDER BY 1, 3')
  return { edges: shown.sort((a, b) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1)), findings, headline }
}

const ALLOWED = ['platform/allow-egress allow']
/** Lines as they are kept: without tabs. */
const raw = (hop: string, lines: readonly string[], index: number) =>
  `${hop}: ${(lines[index] ?? '').replaceAll('\t', ' ')}`
const call = (workload: string, to: string, index: number, change: object) => ({
  from: `agents/${workload}`,
  to: `/${to}`,
  class: 'provider',
  provider: 'openai',
  sources: ['nat'],
  state: 'no_verdict',
  policies: [],
  connections: 1,
  judged: [
    {
      client: `${POD_IPS[workload === 'reviewer' ? 'crawler' : (workload as keyof typeof POD_IPS)]}:${41_000 + 10 * index}`,
      named: ['dns-question', 'api.openai.com'],
      raw: [raw('nat-gw', story.gatewayLines, index), raw('node', story.nodeLines, index)],
    },
  ],
  ...change,
})
const aggregate = (workload: string, connections: number) => ({
  from: `agents/${workload}`,
  to: 'internet',
  class: 'internet',
  provider: undefined,
  sources: ['calico'],
  state: 'allowed_by_policy',
  policies: ALLOWED,
  connections,
  door: undefined,
  judged: [],
})

/** How it ends, whatever came first. The node's own call is nowhere: its address is nobody's. */
const ending = () => ({
  edges: [
    call('crawler', OPENAI, 1, { door: ['violation', undefined, OTHER] }),
    {
      ...aggregate('crawler', 1),
      to: 'data/weaviate',
      class: 'workload',
      state: 'denied_no_rule',
      policies: ['security/ deny by data/isolate-vectors'],
    },
    aggregate('crawler', 1),
    call('embedder', ELSEWHERE, 2, {
      class: 'external',
      provider: undefined,
      door: ['unverified', 'provider_unknown', SANCTIONED],
      judged: [
        {
          client: `${POD_IPS.embedder}:41020`,
          named: ['dns-question', 'api.openai.com,models.example.com'],
          raw: [raw('nat-gw', story.gatewayLines, 2), raw('node', story.nodeLines, 2)],
        },
      ],
    }),
    aggregate('embedder', 1),
    call('planner', OPENAI, 0, { door: ['sanctioned', undefined, SANCTIONED] }),
    aggregate('planner', 5),
    // By the address from which the crawler had called by another door.
    call('reviewer', OPENAI, 4, { door: ['sanctioned', undefined, SANCTIONED] }),
    aggregate('reviewer', 1),
    call('scraper', UNASKED, 3, { class: 'external', provider: undefined, door: undefined, judged: [] }),
    aggregate('scraper', 1),
  ],
  findings: [{ detector: 'D0', status: 'open', workload: 'agents/crawler', target: 'OpenAI (api.openai.com)' }],
  // Of four calls to providers three are judged. Of seven connections of those who call them, four have no name.
  headline: { violations: 1, providerConnections: 4, verifiedShare: 3 / 4, unnamedShare: 4 / 7 },
})

/** Pods go and come in their order; everything else comes as it comes. */
function shuffled(seed: number): Part[] {
  const rng = createRng(seed)
  const order = [...ORDER].map((part) => ({ part, at: rng() })).sort((a, b) => a.at - b.at)
  const parts = order.map(({ part }) => part)
  const [pods, reuse] = [parts.indexOf('pods'), parts.indexOf('reuse')]
  if (reuse < pods) [parts[pods], parts[reuse]] = ['reuse', 'pods']
  return parts
}
const LATE_PODS: readonly Part[] = ['dns', 'gateway', 'node', 'goldmane', 'pods', 'reuse']
const PERMUTATIONS = [ORDER, LATE_PODS, ...[1, 2, 3, 4, 5, 6].map(shuffled)]

describe('open-source Calico, by a watch of its pods, Goldmane over mTLS, conntrack of two hops and the log of CoreDNS', () => {
  it.each(PERMUTATIONS.map((order) => [order.join(', '), order] as const))(
    'proves both a sanctioned call and a violation, each on its edge, and guesses nothing else: %s',
    async (_name, order) => {
      await start()
      await tell(order)
      expect(await told()).toEqual(ending())
      // Looked at again, nothing changes, and nothing is left to do.
      await pass()
      expect(await judgeEgress()).toBe(0)
      expect(await told()).toEqual(ending())
      expect(await query('SELECT 1 FROM address_change')).toEqual([])
      expect(goldmane.clients[0]).not.toBe('')
      expect(await query('SELECT 1 FROM gap')).toEqual([])
      expect(await query('SELECT 1 FROM source_reject')).toEqual([])
    },
  )
})
