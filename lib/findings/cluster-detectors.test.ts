import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DETECTOR_IDS } from '@/lib/model/finding'
import {
  asked,
  door,
  edge,
  facts,
  known,
  NOW,
  OLD,
  provider,
  slot,
  spans,
  variant,
  wire,
} from './__fixtures__/cluster-facts'
import { CLUSTER_DETECTORS } from './cluster-detectors'
import type {
  ClusterFacts,
  Detection,
  DetectorNeed,
  EdgeFacts,
  HourVolume,
  NameFacts,
  PeerFacts,
  WorkloadFacts,
} from './facts'

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
const HOUR = 3_600_000
const LAST_HOUR = Math.floor(NOW / HOUR) * HOUR - HOUR

const name = fc.oneof(
  fc.constantFrom('planner', 'vllm', 'qdrant', '__proto__', 'constructor', '', 'a/b', '203.0.113.9', '169.254.169.254'),
  fc.constantFrom(
    '\u202Eevil\u0000',
    '<img src=x onerror=alert(1)>',
    "'; DROP TABLE finding; --",
    '='.repeat(500),
    '😀'.repeat(200),
  ),
  fc.array(fc.nat({ max: 0x10ffff }), { maxLength: 12 }).map((points) => String.fromCodePoint(...points)),
)
const ai = fc.option(
  fc.record({
    role: fc.constantFrom('model-server', 'vector-store', 'gateway', 'agent', 'app', '__proto__'),
    by: fc.constantFrom('ollama', 'vllm', 'kuberay', 'kserve', 'calls a provider', '__proto__'),
    certain: fc.boolean(),
  }),
  { nil: undefined },
)
const named = fc.option(
  fc.record({
    id: fc.constantFrom('openai', 'deepseek', 'groq', 'anthropic', 'openrouter', '__proto__'),
    name: fc.oneof(fc.constantFrom('OpenAI', 'DeepSeek', 'Groq'), name),
    category: fc.constantFrom('llm', 'gateway', 'observability'),
    host: fc.oneof(fc.constantFrom('api.openai.com', 'api.deepseek.com', ''), name),
    role: fc.constantFrom('inference', 'telemetry', 'ui', 'data'),
    certain: fc.boolean(),
    matchedBy: fc.constantFrom('dns-map', 'cidr', 'span'),
  }),
  { nil: undefined },
)
const ip = fc.oneof(fc.constantFrom('203.0.113.9', '10.0.0.1', '127.0.0.1', '169.254.169.254', '2001:db8::1'), name)
const peer = (classes: readonly PeerFacts['class'][]): fc.Arbitrary<PeerFacts> =>
  fc
    .record({
      class: fc.constantFrom(...classes),
      namespace: fc.oneof(fc.constantFrom('agents', 'ml', 'kube-system'), name),
      name,
      labels: fc.constantFrom<Readonly<Record<string, string>>>({}, { 'azure.workload.identity/use': 'true' }),
      ips: fc.array(ip, { maxLength: 3 }),
      ai,
      provider: named,
    })
    .map(({ ai: role, provider: match, ...rest }) => ({
      ...rest,
      endpointId: `${rest.class}:${rest.namespace}/${rest.name}`,
      label: rest.class === 'workload' ? `${rest.namespace}/${rest.name}` : rest.name,
      ...(role && { ai: role }),
      ...(match && rest.class !== 'workload' && { provider: match }),
    }))
const count = fc.nat({ max: 5 })
const slots = fc.uniqueArray(
  fc.record({
    ago: fc.nat({ max: 3 }),
    passed: count,
    denied: count,
    dropped: count,
    spans: count,
    refused: count,
    bytesSent: count,
  }),
  { maxLength: 4, selector: ({ ago }) => ago },
)
const shown = fc.option(fc.record({ count: fc.nat({ max: 9 }), firstMs: fc.constant(OLD), lastMs: fc.constant(NOW) }), {
  nil: undefined,
})
const edgeOf: fc.Arbitrary<EdgeFacts> = fc
  .record({
    client: peer(['workload', 'workload', 'host', 'external', 'internet', 'ingress', 'caller']),
    server: peer([
      'workload',
      'workload',
      'workload',
      'external',
      'external',
      'internet',
      'claimed',
      'network-set',
      'local',
    ]),
    serverPort: fc.constantFrom(80, 443, 8000, 11434, 8265, 3128),
    protocol: fc.constantFrom('tcp', 'udp'),
    isFresh: fc.boolean(),
    slots,
    wire: fc.record({
      httpRequests: count,
      encryptedRecords: count,
      httpSpans: count,
      httpsSpans: count,
      hasMesh: fc.boolean(),
    }),
    spans: fc.option(
      fc.record({
        claimedProviders: fc.array(fc.constantFrom('openai', 'mistral', '__proto__'), { maxLength: 2 }),
        claimedHosts: fc.array(name, { maxLength: 3 }),
      }),
      { nil: undefined },
    ),
    variants: fc.array(
      fc.record({
        source: fc.constantFrom('hubble', 'calico', 'calico', 'otlp', 'nat'),
        observer: fc.constantFrom('client', 'server'),
        outcome: fc.constantFrom('allowed', 'allowed', 'allowed', 'denied', 'dropped', 'observed'),
        basis: fc.constantFrom('rule', 'no_policy', 'no_policy', 'no_policy', 'not_reported', 'default'),
        dropReason: fc.constantFrom('NO_EGRESS_GATEWAY', '__proto__', undefined),
      }),
      { maxLength: 3 },
    ),
    state: fc.constantFrom('violation', 'sanctioned', 'unverified', 'broken', undefined),
    reason: fc.constantFrom('no_nat_evidence', 'partial_hop', undefined),
    violatingIps: fc.array(ip, { maxLength: 3 }),
    expected: fc.array(name, { maxLength: 4 }),
    violation: shown,
    unverified: shown,
    broken: shown,
  })
  .map(
    ({
      isFresh,
      slots: counted,
      spans: told,
      variants,
      state,
      reason,
      violatingIps,
      expected,
      violation,
      unverified,
      broken,
      ...rest
    }) =>
      edge(rest.client, rest.server, {
        ...rest,
        firstEverMs: isFresh ? NOW - 1_800_000 : OLD,
        slots: counted.sort((a, b) => b.ago - a.ago).map(({ ago, ...parts }) => slot(parts, ago)),
        variants: variants.map(({ dropReason, ...parts }) => variant({ ...parts, ...(dropReason && { dropReason }) })),
        ...(told && { spans: spans(told) }),
        ...(state && { door: door(state, { violatingIps, expected, ...(reason && { reason }) }) }),
        ...(violation && { violation }),
        ...(unverified && { unverified }),
        ...(broken && { broken }),
      }),
  )
const clusterOf: fc.Arbitrary<ClusterFacts> = fc
  .record({
    edges: fc.array(edgeOf, { maxLength: 12 }),
    names: fc.array(fc.record({ ns: name, workload: name, provider: name, ago: fc.nat({ max: 60 }) }), {
      maxLength: 4,
    }),
    volumes: fc.array(fc.tuple(name, fc.constantFrom('openai', 'nobody')), { maxLength: 3 }),
    isLearned: fc.boolean(),
  })
  .map(({ edges, names, volumes, isLearned }) => {
    const numbered = edges.map((one, at) => ({ ...one, edgeId: `e${at}` }))
    const clients = new Map(numbered.map(({ client }) => [client.endpointId, client]))
    return facts({
      edges: numbered,
      workloads: [...clients.values()].map((client) => known(client, { spans: 3, spanHosts: ['api.stripe.com'] })),
      names: names.map(({ ns, workload, provider: said, ago }): NameFacts => {
        const told = { id: said, name: said, role: 'inference' }
        return asked('', {
          workload: { namespace: ns, name: workload },
          provider: told,
          host: said,
          firstMs: OLD,
          lastMs: NOW - ago * 60_000,
        })
      }),
      volumes: new Map(volumes.map(([workload, id]) => [`${workload} ${id}`, hours()])),
      deniedProviders: new Set(['deepseek', '__proto__']),
      allowLists: new Map([['openai', 'Settings']]),
      learningSinceMs: isLearned ? OLD : NOW - HOUR,
    })
  })
const hours = (): HourVolume[] =>
  Array.from({ length: 9 }, (_, ago) => ({ startMs: LAST_HOUR - ago * HOUR, sent: ago === 0 ? 9e9 : 1e6, received: 1 }))

const reversed = (cluster: ClusterFacts): ClusterFacts => ({
  ...cluster,
  edges: [...cluster.edges].reverse(),
  workloads: [...cluster.workloads].reverse(),
  names: [...cluster.names].reverse(),
  volumes: new Map([...cluster.volumes].reverse()),
})

const run = (cluster: ClusterFacts): (readonly [string, readonly Detection[]])[] =>
  CLUSTER_DETECTORS.map(({ id, detect }) => [id, detect(cluster)] as const)

describe('the list of detectors', () => {
  it('has each detector once, in the order of their ids', () => {
    expect(CLUSTER_DETECTORS.map(({ id }) => id)).toEqual([...DETECTOR_IDS])
    expect(new Set(CLUSTER_DETECTORS.map((detector) => detector.name)).size).toBe(DETECTOR_IDS.length)
  })

  it('says nothing of a cluster in which nothing happened', () => {
    for (const [id, found] of run(facts())) expect(found, id).toEqual([])
  })

  it('tells which learn', () => {
    expect(CLUSTER_DETECTORS.filter(({ isLearning }) => isLearning).map(({ id }) => id)).toEqual(['D5', 'D10'])
  })
})

describe('every detector, of any facts', () => {
  it('says one thing per workload and target, sorted, bounded, and without hidden characters', () => {
    fc.assert(
      fc.property(clusterOf, (cluster) => {
        for (const [id, found] of run(cluster)) {
          const pairs = found.map(({ workload, target }) => [workload, target] as const)
          expect(pairs, id).toEqual([...pairs].sort((a, b) => order(a[0], b[0]) || order(a[1], b[1])))
          expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size, id).toBe(pairs.length)
          for (const one of found) check(one)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('is made to speak by the facts that these tests make up', () => {
    const seen = new Set<string>()
    for (const cluster of fc.sample(clusterOf, { numRuns: 500, seed: 1 }))
      for (const [id, found] of run(cluster)) if (found.length > 0) seen.add(id)
    expect([...seen].sort()).toEqual([...DETECTOR_IDS].sort())
  })

  it('says the same again, and in whatever order the facts are given', () => {
    fc.assert(
      fc.property(clusterOf, (cluster) => {
        const first = run(cluster)
        expect(run(cluster)).toEqual(first)
        expect(run({ ...cluster })).toEqual(first)
        expect(run(reversed(cluster))).toEqual(first)
      }),
      { numRuns: 150 },
    )
  })
})

const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

function check({ title, facts: said, disproof, edgeIds, shown: counted }: Detection): void {
  for (const text of [title, disproof, ...said]) {
    expect(text.length).toBeLessThanOrEqual(300)
    expect(text).not.toMatch(HIDDEN)
    expect(text).toMatch(/\S/)
  }
  expect(said.length).toBeLessThanOrEqual(8)
  expect(edgeIds.length).toBeLessThanOrEqual(8)
  expect(counted.firstMs).toBeLessThanOrEqual(counted.lastMs)
  const counts = counted.kind === 'total' ? [counted.count] : counted.slots.map((one) => one.count)
  expect(counts.length).toBeGreaterThan(0)
  for (const each of counts) expect(each).toBeGreaterThan(0)
}

/** Reads of any edge, name or workload while all detectors run, and while all of their findings are asked for again. */
function readsOf(cluster: ClusterFacts): number {
  let reads = 0
  const counting = <T extends object>(item: T): T =>
    new Proxy(item, {
      get: (target, key, receiver) => {
        reads++
        return Reflect.get(target, key, receiver)
      },
    })
  const watched = {
    ...cluster,
    edges: cluster.edges.map(counting),
    names: cluster.names.map(counting),
    workloads: cluster.workloads.map(counting),
  }
  for (const { detect, isDisproved } of CLUSTER_DETECTORS)
    for (const found of detect(watched)) isDisproved?.(found, watched)
  return reads
}

const busy = (parts: Partial<EdgeFacts>): Partial<EdgeFacts> => ({
  slots: [slot({ passed: 1, denied: 1, spans: 1 })],
  wire: wire({ httpRequests: 1 }),
  variants: [variant({ basis: 'no_policy' }), variant({ basis: 'no_policy', observer: 'client' })],
  door: door('violation', { violatingIps: ['198.51.100.7'] }),
  violation: { count: 1, firstMs: OLD, lastMs: NOW },
  ...parts,
})
const planner = (at: number): PeerFacts => ({
  ...provider('openai', {}, {}),
  provider: undefined,
  class: 'workload',
  endpointId: `w${at}`,
  namespace: 'agents',
  name: `w${at}`,
  label: `agents/w${at}`,
})
const openai = (at: number): PeerFacts =>
  provider(
    'openai',
    { host: `h${at}.api.openai.com` },
    { endpointId: `x${at}`, name: `h${at}.api.openai.com`, label: `h${at}.api.openai.com` },
  )
const vllm: PeerFacts = {
  ...planner(-1),
  namespace: 'ml',
  label: 'ml/vllm',
  name: 'vllm',
  ai: { role: 'model-server', by: 'vllm', certain: true },
}

const SHAPES: Readonly<Record<string, (at: number) => EdgeFacts>> = {
  'one workload to many hosts': (at) =>
    edge(planner(0), openai(at), busy({ edgeId: `e${at}`, spans: spans({ claimedHosts: ['api.groq.com'] }) })),
  'many workloads to one host': (at) => edge(planner(at), openai(0), busy({ edgeId: `e${at}` })),
  'many workloads to many hosts': (at) => edge(planner(at), openai(at), busy({ edgeId: `e${at}` })),
  'many workloads to one AI workload': (at) =>
    edge(planner(at), vllm, busy({ edgeId: `e${at}`, serverPort: 8000, firstEverMs: NOW - 60_000 })),
}

describe('work', () => {
  it.each(Object.keys(SHAPES))('grows as the facts do, not with their square: %s', (shape) => {
    const make = SHAPES[shape]
    if (!make) throw new Error('no such shape')
    const cluster = (size: number): ClusterFacts => {
      const edges = Array.from({ length: size }, (_, at) => make(at))
      const workloads: WorkloadFacts[] = edges.map(({ client }) =>
        known(client, { spans: 5, spanHosts: ['api.stripe.com'] }),
      )
      const names = edges.map(({ client, server }) =>
        asked(client.label, { host: server.name, provider: { id: 'groq', name: 'Groq', role: 'inference' } }),
      )
      return facts({
        edges,
        workloads,
        names,
        deniedProviders: new Set(['openai']),
        allowLists: new Map([['openai', 'how']]),
      })
    }
    // Ten times the facts: sorting adds a logarithm, a square would make it a hundred times.
    expect(readsOf(cluster(3_000))).toBeLessThan(16 * readsOf(cluster(300)))
  })
})

it('docs/detectors.md has a row for each detector, by its name, with what it needs', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/detectors.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (D\w+) \| ([^|]+) \| ([^|]+) \|/gm)].map(([, id, title, needs]) => [
    id,
    title,
    needs,
  ])
  const words: Readonly<Record<string, string>> = { 'nat-evidence': 'evidence', dns: 'DNS' }
  const needsOf = (need: DetectorNeed | readonly DetectorNeed[]): string =>
    typeof need === 'string' ? (words[need] ?? need) : need.map((one) => words[one] ?? one).join(' or ')
  expect(rows).toEqual(
    CLUSTER_DETECTORS.map(({ id, name: title, needs }) => [id, title, needs.map(needsOf).join(', ')]),
  )
})
