import { describe, expect, it } from 'vitest'
import type { EdgeChange, GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import { elementsOf, roomOf } from './elements'

const node = (part: Partial<GraphNode>): GraphNode => ({
  id: '1',
  class: 'external',
  cluster: 'c',
  namespace: '',
  name: 'n',
  label: 'n',
  ...part,
})
function labelOf(part: Partial<GraphNode>): string | undefined {
  const graph: ServiceGraph = {
    window: { fromMs: 0, toMs: 1 },
    dataset: '',
    nodes: [node(part)],
    edges: [],
    hidden: { edges: 0, nodes: 0 },
    coverage: [],
    headline: { violations: 0, providerConnections: 0 },
    revision: '1',
  }
  return elementsOf(graph).flatMap((element) => (element.kind === 'node' ? [element.label] : []))[0]
}

describe('the label of a node', () => {
  it.each([
    ['api.openai.com', 'api.openai.com'],
    ['PostgreSQL shop @ db.prod.example.com', 'PostgreSQL shop @\ndb.prod.example.com'],
    ['amazonaws-claimed-x (host not told)', 'amazonaws-claimed-x\n(host not told)'],
    ['bedrock-runtime.eu-central-1.amazonaws.com', 'bedrock-runtime.\neu-central-1.amazonaws.com'],
    ['checkout-service-of-the-payments-team', 'checkout-service-of-the-\npayments-team'],
    ['wordsjoinedwithoutaplacetobreakat', 'wordsjoinedwi…acetobreakat'],
  ])('%s stands on lines that leave room for its neighbours', (label, lines) => {
    expect(labelOf({ label })).toBe(lines)
  })

  it.each([
    ['a'.repeat(253)],
    [Array.from({ length: 60 }, (_, at) => `p${at}x`).join('-')],
    [Array.from({ length: 60 }, (_, at) => `p${at}`).join('.')],
    ['😀'.repeat(126)],
  ])('of the longest names there are, %s, both ends are drawn on lines of bounded length and number', (name) => {
    const lines = labelOf({ class: 'workload', namespace: 'ml', name, label: `ml / ${name}`, aiRole: 'agent' })?.split(
      '\n',
    )
    expect(lines?.length).toBeLessThanOrEqual(5)
    for (const line of lines ?? []) expect([...line].length).toBeLessThanOrEqual(26)
    expect(lines?.join('')).toContain('…')
    expect(lines?.[0]?.slice(0, 2)).toBe(name.slice(0, 2))
    expect(lines?.at(-2)?.endsWith(name.slice(-2))).toBe(true)
  })

  it('a workload is named without its namespace, which its box says', () => {
    expect(labelOf({ class: 'workload', namespace: 'ml', name: 'agent', label: 'ml / agent', aiRole: 'agent' })).toBe(
      'agent\nagent',
    )
  })
})

describe('hostile names', () => {
  const parts = (nodes: readonly GraphNode[]) =>
    elementsOf({
      window: { fromMs: 0, toMs: 1 },
      dataset: '',
      nodes,
      edges: [],
      hidden: { edges: 0, nodes: 0 },
      coverage: [],
      headline: { violations: 0, providerConnections: 0 },
      revision: '1',
    })

  it('make no two namespaces one box', () => {
    const boxes = parts([
      node({ id: '1', class: 'workload', cluster: 'eu/1', namespace: 'x' }),
      node({ id: '2', class: 'workload', cluster: 'eu', namespace: '1/x' }),
      node({ id: '3', class: 'workload', cluster: 'eu', namespace: '__proto__' }),
    ]).filter(({ kind }) => kind === 'box')
    expect(new Set(boxes.map(({ id }) => id)).size).toBe(3)
  })

  it('neither turn nor break a label', () => {
    const labels = parts([
      node({ id: '1', class: 'workload', namespace: 'a\u202eb', name: 'c\u202ed' }),
      node({ id: '2', class: 'workload', namespace: 'a\u202eb', name: 'w', pod: 'p\nDenied' }),
    ]).flatMap((element) => (element.kind === 'edge' || element.kind === 'door' ? [] : [element.label]))
    expect(labels).toEqual(['a⟨U+202E⟩b', 'c⟨U+202E⟩d', 'p⟨U+000A⟩Denied'])
  })
})

describe('what stands for several, and how edges differ', () => {
  const counters = {
    connections: 4000,
    events: 0,
    requests: 0,
    requestErrors: 0,
    spans: 0,
    bytesSent: 0,
    bytesReceived: 0,
  }
  const edge = (part: Partial<GraphEdge>): GraphEdge => ({
    id: '9',
    client: '1',
    server: '2',
    cluster: 'c',
    protocol: 'tcp',
    serverPort: 443,
    state: 'mixed',
    passed: 9,
    denied: 3,
    wouldBeDenied: 0,
    dropped: 0,
    counters,
    variants: [],
    isAi: false,
    openFindings: 0,
    firstMs: 0,
    lastMs: 0,
    ...part,
  })
  const draw = (nodes: readonly GraphNode[], edges: readonly GraphEdge[], changes?: ReadonlyMap<string, EdgeChange>) =>
    elementsOf(
      {
        window: { fromMs: 0, toMs: 900_000 },
        dataset: '',
        nodes,
        edges,
        hidden: { edges: 0, nodes: 0 },
        coverage: [],
        headline: { violations: 0, providerConnections: 0 },
        revision: '1',
      },
      changes,
    )
  const edgeOf = (part: Partial<GraphEdge>, changes?: ReadonlyMap<string, EdgeChange>) =>
    draw([node({ id: '1' }), node({ id: '2' })], [edge(part)], changes).find((element) => element.kind === 'edge')
  const bundle = {
    edges: 12,
    states: { allowed_by_policy: 9, denied_by_rule: 3 },
    worst: 'denied_by_rule',
    ports: ['443/tcp'],
  } as const

  it('a group says how many are in it, stands in no box, and is marked where AI is in it', () => {
    const group = { kind: 'namespace', members: 14, innerEdges: 3, aiWorkloads: 0 } as const
    const [element] = draw([node({ class: 'workload', namespace: 'ml', label: 'ml', group })], [])
    expect(element).toMatchObject({
      kind: 'node',
      look: 'group-namespace',
      label: 'ml\n14 workloads',
      isGroup: true,
      isAi: false,
    })
    expect(element).not.toHaveProperty('parent')
    const outside = node({
      id: '1',
      label: 'outside',
      group: { kind: 'outside', members: 1, innerEdges: 0, aiWorkloads: 0 },
    })
    const [withAi] = draw([outside, node({ id: '2' })], [edge({ isAi: true })])
    expect(withAi).toMatchObject({ isAi: true, label: 'outside\n1 destination' })
  })

  it('a pod is named by itself, and takes more room the more lines it needs', () => {
    const pod = node({ class: 'workload', namespace: 'ml', name: 'agent', label: 'ml / agent', pod: 'agent-7d9f' })
    expect(draw([pod], [])[1]).toMatchObject({ look: 'pod', label: 'agent-7d9f' })
    expect(roomOf({ label: 'a'.repeat(26), isGroup: false }).x).toBeGreaterThan(
      roomOf({ label: 'a', isGroup: false }).x,
    )
    expect(roomOf({ label: 'a\nb\nc', isGroup: false }).y).toBeGreaterThan(roomOf({ label: 'a', isGroup: false }).y)
  })

  it('a bundle counts its edges, and those that are not quiet where they differ; its width is that of the sum', () => {
    expect(edgeOf({ bundle, state: 'denied_by_rule' })).toMatchObject({
      label: '⊘ 3 · 12 edges 443/tcp',
      volume: 3,
      isBundle: true,
    })
    const alike = {
      edges: 4,
      states: { allowed_no_policy: 4 },
      worst: 'allowed_no_policy',
      ports: ['80/tcp', '443/tcp'],
    } as const
    expect(edgeOf({ bundle: alike, state: 'allowed_no_policy' })).toMatchObject({ label: '◌ · 4 edges' })
    const one = { edges: 1, states: { allowed_by_policy: 1 }, worst: 'allowed_by_policy', ports: ['80/tcp'] } as const
    expect(edgeOf({ bundle: one, state: 'allowed_by_policy' })).toMatchObject({ label: '80/tcp' })
  })

  it('traffic is as dense as it is fast, whatever the length of the window', () => {
    expect(edgeOf({})).toMatchObject({ rate: 2 })
    expect(edgeOf({ counters: { ...counters, connections: 0 } })).toMatchObject({ rate: 0 })
    expect(edgeOf({ counters: { ...counters, connections: 9000 } })).toMatchObject({ rate: 3 })
  })

  it('what differs from another window has its sign before its label', () => {
    expect(edgeOf({}, new Map([['9', 'added']]))).toMatchObject({ change: 'added', label: '+ ◐ 9 / 3 443/tcp' })
    expect(edgeOf({}, new Map([['8', 'added']]))).toMatchObject({ change: '', label: '◐ 9 / 3 443/tcp' })
  })
})
