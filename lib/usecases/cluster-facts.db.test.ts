import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ClusterFacts, EdgeFacts } from '@/lib/findings/facts'
import { SLOT_MS, volumeKey } from '@/lib/findings/facts'
import { confirmAllowList, loadAllowListConfirmations, unconfirmAllowList } from '@/lib/store/allow-list-confirmations'
import { query, useDatabase } from '@/lib/store/client'
import { rememberEdges } from '@/lib/store/edge-first-seen'
import { rollUpBuckets } from '@/lib/store/roll-up-buckets'
import { createTestDatabase } from '@/lib/store/test-database'
import { auditOf } from './__fixtures__/audit-of'
import {
  corednsLine,
  EGRESS_YAML,
  forgetScene,
  OTHER,
  SANCTIONED,
  saveLease,
  sendAnswers,
  sendQuestions,
  sendTranslations,
} from './__fixtures__/calico-scene'
import {
  goldmaneLine,
  type HubbleChange,
  hubbleLine,
  sendGoldmaneLines,
  sendHubble,
  sendSpans,
} from './__fixtures__/facts-scene'
import { clusterFacts } from './cluster-facts'
import { setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Ten minutes into a slot, 20 minutes into an hour at least, so that a slot of the look-back is in the hour before. */
const NOW = Math.floor(Date.now() / HOUR) * HOUR - HOUR + 25 * MINUTE
const SLOT = Math.floor(NOW / SLOT_MS) * SLOT_MS

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
  await query(
    'TRUNCATE edge_first_seen, allow_list_confirmation, audit_entry, span, span_bridge, judged_edge, endpoint_fact, judged_past, pod_owner, dataset',
  )
})

const factsOf = async (cluster: string, nowMs = NOW): Promise<ClusterFacts> => {
  const found = (await clusterFacts(nowMs, 'all')).find((one) => one.dataset === '' && one.cluster === cluster)
  if (!found) throw new Error(`no facts of ${cluster}`)
  return found
}
const edgeTo = (facts: ClusterFacts, label: string, client = 'ml/agent'): EdgeFacts => {
  const edge = facts.edges.find((one) => one.server.label === label && one.client.label === client)
  if (!edge)
    throw new Error(
      `no edge from ${client} to ${label}: ${facts.edges.map((one) => `${one.client.label} ${one.server.label}`).join(', ')}`,
    )
  return edge
}
const repeat = (times: number, change: (n: number) => HubbleChange) =>
  Array.from({ length: times }, (_, n) => hubbleLine(change(n)))
const openai = (atMs: number, more: Partial<HubbleChange> = {}) => ({ atMs, names: ['api.openai.com'], ...more })

describe('counts by slot', () => {
  it('are those of the records, of the larger observer, before and after they are added up', async () => {
    const inner = { server: { namespace: 'db', app: 'qdrant' }, serverIp: '10.244.2.2', serverPort: 6333 }
    await sendHubble(
      [
        ...repeat(3, (n) => openai(SLOT - 20 * MINUTE + n)),
        ...repeat(2, (n) => openai(SLOT + n)),
        ...repeat(4, (n) =>
          openai(SLOT + 1000 + n, { verdict: 'DROPPED', clientPort: 50_000 + n, names: ['api.openai.com'] }),
        ),
        hubbleLine(openai(SLOT + 2000, { verdict: 'DROPPED', rest: { drop_reason_desc: 'NO_EGRESS_GATEWAY' } })),
        ...repeat(5, (n) => ({ ...inner, atMs: SLOT - MINUTE + n, side: 'EGRESS' as const })),
        ...repeat(6, (n) => ({ ...inner, atMs: SLOT - MINUTE + n, side: 'INGRESS' as const })),
        // Before the look-back.
        hubbleLine(openai(SLOT - 70 * MINUTE)),
      ],
      NOW,
    )
    for (const when of ['before', 'after']) {
      if (when === 'after') {
        await rollUpBuckets({ nowMs: Date.now() + 2 * HOUR })
        await rollUpBuckets({ nowMs: Date.now() + 2 * HOUR })
      }
      const facts = await factsOf('demo')
      const out = edgeTo(facts, 'api.openai.com')
      expect(out.slots, when).toMatchObject([
        { startMs: SLOT - 2 * SLOT_MS, passed: 3, denied: 0, dropped: 0, spans: 0, refused: 0, bytesSent: 0 },
        { startMs: SLOT, denied: 4, dropped: 1 },
      ])
      expect(out.slots[1]?.passed, when).toBe(2)
      expect([out.firstMs, out.lastMs], when).toEqual([SLOT - 20 * MINUTE, SLOT + 2000])
      const within = edgeTo(facts, 'db/qdrant')
      expect(within.slots, when).toMatchObject([{ startMs: SLOT - SLOT_MS, passed: 6 }])
      expect(within.variants.map(({ observer, counters }) => [observer, counters.connections]).sort(), when).toEqual([
        ['client', 5],
        ['server', 6],
      ])
    }
  })

  it('records longer than a minute stand in the slot in which the first of their hour began', async () => {
    const hour = Math.floor(NOW / HOUR) * HOUR
    await sendGoldmaneLines(
      [
        goldmaneLine({ startMs: hour + 16 * MINUTE, seconds: 300, bytesOut: 10 }),
        goldmaneLine({ startMs: hour + 18 * MINUTE, seconds: 300, bytesOut: 20 }),
      ],
      NOW,
    )
    const [edge] = (await factsOf('calico')).edges
    expect(edge?.slots).toMatchObject([{ startMs: hour + SLOT_MS, passed: 2, bytesSent: 30 }])
    // Half an hour on the hour is still in part in the look-back, its records are not.
    expect((await factsOf('calico', hour + 100 * MINUTE)).edges).toEqual([])
  })

  it('a look-back that holds a whole hour is told apart by slots all the same', async () => {
    const hour = Math.floor(NOW / HOUR) * HOUR
    await sendHubble([hubbleLine(openai(hour - 50 * MINUTE)), ...repeat(2, (n) => openai(hour - 5 * MINUTE + n))], NOW)
    for (let pass = 0; pass < 2; pass += 1) await rollUpBuckets({ nowMs: Date.now() + 2 * HOUR })
    expect(await query('SELECT 1 FROM edge_bucket_1h')).not.toEqual([])
    expect(edgeTo(await factsOf('demo', hour + 5 * MINUTE), 'api.openai.com').slots).toMatchObject([
      { startMs: hour - 4 * SLOT_MS, passed: 1 },
      { startMs: hour - SLOT_MS, passed: 2 },
    ])
  })

  it('an edge with nothing in the look-back is not there', async () => {
    await sendHubble([hubbleLine(openai(SLOT - 80 * MINUTE))], NOW)
    expect((await factsOf('demo')).edges).toEqual([])
  })
})

describe('what is at the ends', () => {
  it('a provider by the name of the flow, by the DNS map, by a range alone, or none', async () => {
    await sendAnswers([answer('api.anthropic.com', '198.51.100.44')], NOW)
    await sendHubble(
      [
        hubbleLine(openai(SLOT)),
        hubbleLine({ atMs: SLOT, serverIp: '198.51.100.44' }),
        hubbleLine({ atMs: SLOT, serverIp: '160.79.104.10' }),
        hubbleLine({ atMs: SLOT, serverIp: '198.51.100.99' }),
        hubbleLine({ atMs: SLOT, serverIp: '169.254.169.254', serverPort: 80 }),
      ],
      NOW,
      { cluster: 'calico' },
    )
    const facts = await factsOf('calico')
    expect(edgeTo(facts, 'api.openai.com').server).toMatchObject({
      class: 'external',
      ips: ['198.51.100.20'],
      provider: { id: 'openai', host: 'api.openai.com', role: 'inference', certain: true, matchedBy: 'flow-dns-name' },
    })
    expect(edgeTo(facts, 'api.anthropic.com (198.51.100.44)').server).toMatchObject({
      ips: ['198.51.100.44'],
      provider: { id: 'anthropic', certain: true, matchedBy: 'dns-map' },
    })
    expect(edgeTo(facts, '160.79.104.10').server.provider).toMatchObject({ certain: false, matchedBy: 'cidr' })
    expect(edgeTo(facts, '198.51.100.99').server.provider).toBeUndefined()
    expect(edgeTo(facts, '169.254.169.254').server.ips).toEqual(['169.254.169.254'])
  })

  it('an AI role by label for certain, by port likely, by calling a provider, or none', async () => {
    const inside = (app: string, serverPort: number, labels: readonly string[] = []) =>
      hubbleLine({
        atMs: SLOT,
        app: 'web',
        server: { namespace: 'ai', app, labels },
        serverIp: '10.244.3.3',
        serverPort,
      })
    await sendHubble(
      [
        inside('vectors', 6333, ['k8s:app.kubernetes.io/name=qdrant']),
        inside('models', 11434),
        inside('plain', 8443),
        hubbleLine(openai(SLOT)),
      ],
      NOW,
    )
    const facts = await factsOf('demo')
    expect(edgeTo(facts, 'ai/vectors', 'ml/web').server.ai).toMatchObject({
      role: 'vector-store',
      by: 'qdrant',
      certain: true,
    })
    expect(edgeTo(facts, 'ai/models', 'ml/web').server.ai).toMatchObject({ by: 'ollama', certain: false })
    expect(edgeTo(facts, 'ai/plain', 'ml/web').server.ai).toBeUndefined()
    expect(edgeTo(facts, 'api.openai.com').client.ai).toEqual({ role: 'app', by: 'calls a provider', certain: true })
    expect(edgeTo(facts, 'ai/plain', 'ml/web').client).toMatchObject({
      labels: { app: 'web' },
      namespace: 'ml',
      class: 'workload',
    })
    expect(facts.workloads.map(({ name, ai }) => [name, ai?.by])).toEqual(
      expect.arrayContaining([
        ['agent', 'calls a provider'],
        ['web', undefined],
      ]),
    )
  })

  it('a network set that its operator named after a provider', async () => {
    await sendGoldmaneLines([goldmaneLine({ startMs: SLOT, set: 'ai-provider-openai' })], NOW)
    const [edge] = (await factsOf('calico')).edges
    expect(edge?.server.provider).toMatchObject({ id: 'openai', certain: false, matchedBy: 'network-set' })
  })
})

const answer = (name: string, ip: string, more: object = {}) => ({
  start_time: Math.floor(SLOT / 1000) - 60,
  end_time: Math.floor(SLOT / 1000) - 60,
  type: 'log',
  client_name: '-',
  client_namespace: 'ml',
  qname: name,
  rcode: 'NoError',
  rrsets: [{ name, class: 'IN', type: 'A', rdata: [ip] }],
  ...more,
})

describe('the wire', () => {
  it('HTTP that a proxy read, encryption between nodes, a mesh, and addresses', async () => {
    const to = (labels: readonly string[] = []) => ({
      atMs: SLOT,
      server: { namespace: 'ai', app: 'models', labels },
      serverIp: '10.244.3.3',
      serverPort: 11434,
    })
    const http = (n: number, type: string) =>
      hubbleLine({
        ...to(),
        atMs: SLOT + n,
        rest: {
          event_type: { type: 129 },
          Type: 'L7',
          l7: { type, http: { code: 200, method: 'POST', url: 'http://models:11434/api/chat' } },
          is_reply: type === 'RESPONSE',
          ...(type === 'RESPONSE' && turned(to())),
        },
      })
    await sendHubble([http(1, 'REQUEST'), http(2, 'RESPONSE'), http(3, 'RESPONSE')], NOW)
    await sendHubble(
      [
        hubbleLine({ ...to(), app: 'inner', ip: { encrypted: true } }),
        hubbleLine({ ...to(), app: 'meshed', labels: ['k8s:security.istio.io/tlsMode=istio'] }),
      ],
      NOW,
    )
    const facts = await factsOf('demo')
    expect(edgeTo(facts, 'ai/models').wire).toEqual({
      httpRequests: 2,
      encryptedRecords: 0,
      httpSpans: 0,
      httpsSpans: 0,
      hasMesh: false,
    })
    expect(edgeTo(facts, 'ai/models', 'ml/inner').wire).toMatchObject({
      httpRequests: 0,
      encryptedRecords: 1,
      hasMesh: false,
    })
    expect(edgeTo(facts, 'ai/models', 'ml/meshed').wire).toMatchObject({ encryptedRecords: 0, hasMesh: true })
    expect(edgeTo(facts, 'ai/models', 'ml/inner').client.ips).toEqual(['10.244.1.7'])
    expect([...facts.met]).toContain('l7')
  })
})

/** The answer of a server goes the other way. */
const turned = ({ serverIp, serverPort }: { serverIp: string; serverPort: number }) => ({
  IP: { source: serverIp, destination: '10.244.1.7' },
  l4: { TCP: { source_port: serverPort, destination_port: 30_000 } },
  source: { ID: 2, namespace: 'ai', pod_name: 'models-7d9c8b6f5-x2x5v', labels: ['k8s:app=models'] },
  destination: { ID: 1, namespace: 'ml', pod_name: 'agent-7d9c8b6f5-x2x5v', labels: ['k8s:app=agent'] },
})

describe('spans', () => {
  const genai = { 'gen_ai.provider.name': 'openai', 'gen_ai.operation.name': 'chat', 'http.request.method': 'POST' }

  it('calls, claims, hosts, schemes, refusals and paths stand on their edge, and spans with their workload', async () => {
    await sendHubble([hubbleLine(openai(SLOT)), hubbleLine({ atMs: SLOT, names: ['example.com'] })], NOW)
    await sendSpans(
      [
        { atMs: SLOT + 1, attributes: { ...genai, 'url.full': 'https://api.openai.com/v1/files?key=SECRET' } },
        {
          atMs: SLOT + 2,
          attributes: { ...genai, 'server.address': 'api.openai.com', 'server.port': 443 },
          message: 'ip_not_authorized',
        },
        {
          atMs: SLOT - SLOT_MS,
          attributes: { 'http.request.method': 'GET', 'url.full': 'http://plain.example.com/a' },
        },
      ],
      NOW,
    )
    const facts = await factsOf('demo')
    const edge = edgeTo(facts, 'api.openai.com')
    expect(edge.spans).toEqual({
      calls: 2,
      aiCalls: 2,
      refused: 1,
      claimedProviders: ['openai'],
      claimedHosts: ['api.openai.com'],
      paths: ['/v1/files'],
    })
    expect(edge.slots.map(({ spans, refused }) => [spans, refused])).toEqual([[2, 1]])
    expect(edge.wire).toMatchObject({ httpSpans: 0, httpsSpans: 1 })
    expect(edgeTo(facts, 'plain.example.com').wire).toMatchObject({ httpSpans: 1, httpsSpans: 0 })
    expect(edgeTo(facts, 'example.com').spans).toBeUndefined()
    expect(facts.workloads.find(({ name }) => name === 'agent')).toMatchObject({
      spans: 3,
      aiSpans: 2,
      spanHosts: ['api.openai.com', 'plain.example.com'],
      ai: { role: 'app', by: 'span', certain: true },
    })
    expect([...facts.met]).toEqual(expect.arrayContaining(['flows', 'addresses', 'spans', 'ai-spans']))
    expect(JSON.stringify(facts.edges)).not.toContain('SECRET')
  })

  it('a provider that only a span names is a claim', async () => {
    await sendSpans([{ atMs: SLOT, attributes: { ...genai, 'server.address': 'api.openai.com' } }], NOW)
    const facts = await factsOf('demo')
    expect(edgeTo(facts, 'api.openai.com').server.provider).toMatchObject({
      id: 'openai',
      certain: false,
      matchedBy: 'span',
    })
    expect(facts.met.has('flows')).toBe(false)
  })
})

describe('names', () => {
  it('who asked is told by a lease or a pod, and left open where nothing tells it', async () => {
    await saveLease({ ip: '10.244.1.7', namespace: 'ml', workload: 'agent', fromMs: SLOT - HOUR })
    await sendQuestions(
      [
        corednsLine('10.244.1.7', 'api.openai.com', SLOT),
        corednsLine('10.244.1.7', 'api.openai.com', SLOT + 1000),
        corednsLine('10.244.9.9', 'api.openai.com', SLOT),
        corednsLine('10.244.1.7', 'example.com', SLOT),
        corednsLine('10.244.1.7', 'api.openai.com', SLOT - 90 * MINUTE),
      ],
      NOW,
    )
    await sendAnswers(
      [
        answer('api.anthropic.com', '198.51.100.44', { client_name: 'trainer-7d9c8b6f5-x2x5v' }),
        answer('example.com', '198.51.100.45'),
      ],
      NOW,
    )
    const facts = await factsOf('calico')
    expect(facts.names).toEqual([
      expect.objectContaining({
        host: 'api.anthropic.com',
        workload: { namespace: 'ml', name: 'trainer' },
        provider: expect.objectContaining({ id: 'anthropic', role: 'inference' }),
        isAnswer: true,
        firstMs: SLOT - MINUTE,
        lastMs: SLOT - MINUTE,
      }),
      expect.objectContaining({ host: 'api.openai.com', clientIp: '10.244.9.9', count: 1, isAnswer: false }),
      expect.objectContaining({
        host: 'api.openai.com',
        workload: { namespace: 'ml', name: 'agent' },
        count: 2,
        firstMs: SLOT,
        lastMs: SLOT + 1000,
        isAnswer: false,
      }),
    ])
    expect(facts.names[1]?.workload).toBeUndefined()
    expect(facts.met.has('dns')).toBe(true)
  })
})

describe('volumes', () => {
  const hour = Math.floor(NOW / HOUR) * HOUR
  const send = (lines: readonly string[]) => sendGoldmaneLines(lines, NOW)
  const to = { set: 'ai-provider-openai' }

  it('hours of a workload and a provider, of the larger observer, only where much was sent in the last whole hour', async () => {
    await send([
      goldmaneLine({ ...to, startMs: hour - 20 * MINUTE, bytesOut: 40_000_000 }),
      goldmaneLine({ ...to, startMs: hour - 10 * MINUTE, bytesOut: 20_000_000 }),
      goldmaneLine({ ...to, startMs: hour - 3 * HOUR, bytesOut: 7 }),
      goldmaneLine({ set: 'ai-provider-anthropic', startMs: hour - 10 * MINUTE, bytesOut: 49_000_000 }),
      goldmaneLine({ ...to, startMs: hour + MINUTE, bytesOut: 99_000_000 }),
    ])
    for (let pass = 0; pass < 3; pass += 1) await rollUpBuckets({ nowMs: Date.now() + 2 * HOUR })
    const { volumes, met } = await factsOf('calico')
    expect([...volumes.keys()]).toEqual([volumeKey({ namespace: 'ml', name: 'trainer' }, 'openai')])
    expect([...volumes.values()]).toEqual([
      [
        { startMs: hour - 3 * HOUR, sent: 7, received: 0 },
        { startMs: hour - HOUR, sent: 60_000_000, received: 0 },
      ],
    ])
    expect(met.has('bytes')).toBe(true)
  })

  it('nothing where little was sent', async () => {
    await send([goldmaneLine({ ...to, startMs: hour - 10 * MINUTE, bytesOut: 49_000_000 })])
    expect((await factsOf('calico')).volumes.size).toBe(0)
  })
})

describe('needs that are met', () => {
  it('a flow log without addresses, bytes or policies meets none of them; one that states policies does', async () => {
    await sendGoldmaneLines([goldmaneLine({ startMs: SLOT })], NOW)
    expect([...(await factsOf('calico')).met]).toEqual(['flows'])
    await sendGoldmaneLines([goldmaneLine({ startMs: SLOT + 15_000, policies: ['0|default|np:ml/a|allow|0'] })], NOW)
    expect([...(await factsOf('calico')).met]).toEqual(['flows', 'policies'])
  })

  it('an empty list of Hubble states no policy, and a silent source meets nothing', async () => {
    await sendHubble([hubbleLine(openai(SLOT))], NOW)
    expect([...(await factsOf('demo')).met]).toEqual(['flows', 'addresses'])
    await query(`UPDATE source_minute SET last_received = now() - interval '30 minutes'`)
    expect([...(await factsOf('demo')).met]).toEqual([])
  })
})

describe('first seen', () => {
  it('is kept for ever, moves back with late records, and nothing is written of what is known', async () => {
    await sendHubble([hubbleLine(openai(SLOT))], NOW)
    const first = await factsOf('demo')
    expect(edgeTo(first, 'api.openai.com').firstEverMs).toBe(SLOT)
    expect(first.learningSinceMs).toBe(NOW)
    await sendHubble([hubbleLine(openai(SLOT - 20 * MINUTE))], NOW)
    expect(edgeTo(await factsOf('demo'), 'api.openai.com').firstEverMs).toBe(SLOT - 20 * MINUTE)
    const [row] = await query<{ id: string }>('SELECT edge_id::text AS id FROM edge_first_seen')
    const known = { edgeId: row?.id ?? '', cluster: 'demo', firstMs: SLOT, lastMs: SLOT }
    expect(await rememberEdges([known], NOW)).toBe(0)
    expect(await rememberEdges([{ ...known, lastMs: SLOT + 25 * HOUR }], NOW + 25 * HOUR)).toBe(1)
    const later = NOW + 3 * HOUR
    await sendHubble(
      [hubbleLine(openai(later - MINUTE)), hubbleLine({ atMs: later - MINUTE, names: ['api.anthropic.com'] })],
      later,
    )
    const facts = await factsOf('demo', later)
    expect(facts.learningSinceMs).toBe(NOW)
    expect(edgeTo(facts, 'api.openai.com').firstEverMs).toBe(SLOT - 20 * MINUTE)
    expect(edgeTo(facts, 'api.anthropic.com').firstEverMs).toBe(later - MINUTE)
    expect(facts.workloads.find(({ name }) => name === 'agent')?.firstEverMs).toBe(SLOT - 20 * MINUTE)
  })

  it('replicas that look at once remember each edge once, and see the same', async () => {
    await sendHubble(
      repeat(20, (n) => openai(SLOT + n, { app: `agent${n}` })),
      NOW,
    )
    const all = await Promise.all([1, 2, 3].map(() => clusterFacts(NOW, 'all')))
    expect(all[1]).toEqual(all[0])
    expect(all[2]).toEqual(all[0])
    const rows = await query('SELECT 1 FROM edge_first_seen')
    expect(rows).toHaveLength(20)
  })
})

describe('doors', () => {
  const call = (port: number, atMs: number, publicIp: string) =>
    sendTranslations({ ip: '10.244.1.7', port, server: '198.51.100.20', atMs, publicIp, cluster: 'demo' }, NOW)
  const sendCall = (port: number, atMs: number) => sendHubble([hubbleLine(openai(atMs, { clientPort: port }))], NOW)

  it('a proven violation, its mode and what is unverified are on the edge, in both passes', async () => {
    await sendCall(41_000, SLOT)
    await sendCall(42_000, SLOT + 1000)
    await call(41_000, SLOT, OTHER)
    await judgeEgress()
    const at = Date.now() + 3 * MINUTE
    for (const which of ['doors', 'all'] as const) {
      const [facts] = (await clusterFacts(which === 'doors' ? at : NOW, which)).filter(
        ({ cluster }) => cluster === 'demo',
      )
      const edge = facts?.edges[0]
      expect(edge, which).toMatchObject({
        client: { label: 'ml/agent' },
        server: { label: 'api.openai.com', provider: { id: 'openai' } },
        door: { state: 'violation', violatingIps: [OTHER] },
        violation: { count: 1, firstMs: SLOT, lastMs: SLOT },
        mode: 'enforce',
      })
      if (which === 'doors') expect(edge?.unverified, which).toMatchObject({ count: 1, firstMs: SLOT + 1000 })
      expect(facts?.met.has('nat-evidence'), which).toBe(true)
    }
  })

  it('what was judged a moment ago is not overdue, and what is sanctioned is nothing', async () => {
    await sendCall(41_000, SLOT)
    await judgeEgress()
    const [waiting] = (await clusterFacts(Date.now(), 'doors')).flatMap(({ edges }) => edges)
    expect(waiting?.door?.state).toBe('unverified')
    expect(waiting?.unverified).toBeUndefined()
    await call(41_000, SLOT, SANCTIONED)
    await judgeEgress()
    const [edge] = (await clusterFacts(Date.now() + 3 * MINUTE, 'doors')).flatMap(({ edges }) => edges)
    expect(edge?.door?.state).toBe('sanctioned')
    expect([edge?.violation, edge?.unverified, edge?.broken]).toEqual([undefined, undefined, undefined])
  })

  it('a gateway without a node is broken', async () => {
    await sendHubble(
      [hubbleLine(openai(SLOT, { verdict: 'DROPPED', rest: { drop_reason_desc: 'NO_EGRESS_GATEWAY' } }))],
      NOW,
    )
    await judgeEgress()
    const [edge] = (await clusterFacts(Date.now(), 'doors')).flatMap(({ edges }) => edges)
    expect(edge?.broken).toMatchObject({ count: 1, firstMs: SLOT })
  })
})

describe('pinned datasets', () => {
  it('are looked at over the hour before their newest record, in turn, and nothing of them is remembered', async () => {
    const old = NOW - 10 * 24 * HOUR
    const lines = [hubbleLine(openai(old)), hubbleLine(openai(old - 3 * HOUR, { names: ['api.anthropic.com'] }))]
    for (const dataset of ['one', 'two', 'three']) await sendHubble(lines, NOW, { dataset })
    const looked = new Set<string>()
    for (let pass = 0; pass < 2; pass += 1)
      for (const facts of await clusterFacts(NOW, 'all')) {
        if (facts.dataset === '') continue
        looked.add(facts.dataset)
        expect(facts).toMatchObject({ cluster: 'demo', nowMs: old + 1 })
        expect(facts.edges.map(({ server }) => server.label)).toEqual(['api.openai.com'])
        expect(facts.learningSinceMs).toBeUndefined()
        expect(facts.met.has('flows')).toBe(true)
      }
    expect([...looked].sort()).toEqual(['one', 'three', 'two'])
    expect(await query('SELECT 1 FROM edge_first_seen')).toEqual([])
    await query('DELETE FROM dataset')
  })
})

describe('settings', () => {
  it('denied providers, allow-lists, and those that an operator confirmed, with an entry in the audit log', async () => {
    setEgressConfig({ fileText: `${EGRESS_YAML}\ndenyProviders: [deepseek]\n` })
    await sendHubble([hubbleLine(openai(SLOT))], NOW)
    expect((await factsOf('demo')).confirmedAllowLists.size).toBe(0)
    const by = { actor: 'ada', nowMs: NOW }
    await confirmAllowList({ providerId: 'openai', note: 'a', addresses: [] }, by)
    await confirmAllowList({ providerId: 'openai', note: 'both gateways', addresses: ['203.0.113.10/32'] }, by)
    const facts = await factsOf('demo')
    expect([...facts.deniedProviders]).toEqual(['deepseek'])
    expect([...facts.confirmedAllowLists]).toEqual(['openai'])
    expect(facts.allowLists.get('openai')).toBeTruthy()
    expect(await loadAllowListConfirmations()).toEqual([
      {
        providerId: 'openai',
        note: 'both gateways',
        addresses: ['203.0.113.10/32'],
        confirmedBy: 'ada',
        confirmedMs: NOW,
      },
    ])
    expect(await unconfirmAllowList('openai', 'bob')).toBe(true)
    expect(await unconfirmAllowList('openai', 'bob')).toBe(false)
    expect((await factsOf('demo')).confirmedAllowLists.size).toBe(0)
    const entries = await auditOf(10)
    expect(entries.map(({ actor, action }) => [actor, action])).toEqual(
      expect.arrayContaining([
        ['ada', 'allow-list.confirm'],
        ['bob', 'allow-list.unconfirm'],
      ]),
    )
    expect(entries).toHaveLength(3)
    setEgressConfig({ fileText: EGRESS_YAML })
  })

  it('aborted, the work ends', async () => {
    const signal = AbortSignal.abort(new Error('others wait'))
    await expect(clusterFacts(NOW, 'all', { signal })).rejects.toThrow('others wait')
  })
})
