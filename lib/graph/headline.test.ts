import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GraphEdge, GraphNode } from '@/lib/model/graph'
import { headlineOf } from './headline'

const node = (id: string, part: Partial<GraphNode>): GraphNode => ({
  id,
  class: 'external',
  cluster: 'k',
  namespace: '',
  name: id,
  label: id,
  ...part,
})
const NODES = [
  node('agent', { class: 'workload', aiRole: 'agent' }),
  node('internet', { class: 'internet' }),
  node('set', { class: 'network-set' }),
  node('openai', { class: 'provider', name: '198.51.100.20' }),
  node('198.51.100.21', {}),
  node('198.51.100.22', { dnsName: { name: 'db.example.com', origin: 'question' } }),
]

function edge(server: string, source: 'calico' | 'nat' | 'hubble', connections: number): GraphEdge {
  const counters = {
    connections,
    events: 0,
    requests: 0,
    requestErrors: 0,
    spans: 0,
    bytesSent: 0,
    bytesReceived: 0,
  }
  return {
    id: `${server} ${source}`,
    client: 'agent',
    server,
    cluster: 'k',
    protocol: 'tcp',
    serverPort: 443,
    state: 'no_verdict',
    passed: connections,
    denied: 0,
    wouldBeDenied: 0,
    dropped: 0,
    counters,
    variants: [
      {
        id: server,
        source,
        observer: 'unknown',
        outcome: 'observed',
        basis: 'not_reported',
        pending: 'unknown',
        layer: 'L4',
        counters,
        firstMs: 0,
        lastMs: 0,
      },
    ],
    isAi: true,
    openFindings: 0,
    firstMs: 0,
    lastMs: 0,
  }
}

const unnamed = (...edges: readonly GraphEdge[]) => headlineOf(NODES, edges).unnamedShare

describe('the unnamed share', () => {
  it('counts a connection once that Goldmane counts towards the internet and NAT records draw by name', () => {
    expect(unnamed(edge('internet', 'calico', 10))).toBe(1)
    expect(unnamed(edge('internet', 'calico', 10), edge('openai', 'nat', 4))).toBeCloseTo(6 / 10)
    expect(unnamed(edge('internet', 'calico', 10), edge('198.51.100.21', 'nat', 4))).toBe(1)
    expect(unnamed(edge('internet', 'calico', 10), edge('198.51.100.22', 'nat', 4))).toBeCloseTo(6 / 10)
  })

  it('takes what NAT records draw from a network set too where the set is declared to be a provider’s', () => {
    const declared = NODES.map(
      (item): GraphNode =>
        item.id === 'set'
          ? {
              ...item,
              class: 'provider',
              provider: { id: 'p', name: 'P', category: 'llm', matchedBy: 'network-set', certain: false },
            }
          : item,
    )
    const edges = [edge('set', 'calico', 6), edge('internet', 'calico', 4), edge('198.51.100.21', 'nat', 6)]
    // Six of the ten were to the set: what is drawn by address is unnamed, and so is the internet's.
    expect(headlineOf(declared, edges).unnamedShare).toBe(headlineOf(NODES, edges).unnamedShare)
    expect(headlineOf(declared, edges).unnamedShare).toBe(1)
  })

  it('never goes below zero where NAT records tell of more than Goldmane counted', () => {
    expect(unnamed(edge('internet', 'calico', 3), edge('openai', 'nat', 4))).toBe(0)
  })

  it('takes nothing away for connections that may have gone to a network set', () => {
    expect(unnamed(edge('internet', 'calico', 10), edge('set', 'calico', 4), edge('openai', 'nat', 4))).toBeCloseTo(
      10 / 14,
    )
  })

  it('takes nothing from what another port, another source or another workload tells', () => {
    const other = { ...edge('openai', 'nat', 4), serverPort: 8443 }
    expect(unnamed(edge('internet', 'calico', 10), other)).toBeCloseTo(10 / 14)
    expect(unnamed(edge('internet', 'hubble', 10), edge('openai', 'nat', 4))).toBeCloseTo(10 / 14)
    expect(unnamed(edge('internet', 'calico', 10), { ...edge('openai', 'nat', 4), client: 'x' })).toBe(1)
  })

  it('lies between what it is without the drawn connections and none at all', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(50), (toInternet, toSet, drawn) => {
        const aggregates = [edge('internet', 'calico', toInternet), edge('set', 'calico', toSet)]
        const share = unnamed(...aggregates, edge('openai', 'nat', drawn)) ?? 0
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(unnamed(...aggregates) ?? 0)
      }),
    )
  })
})

describe('the verified share', () => {
  const counts = { violation: 0, sanctioned: 0, unverified: 0, blocked: 0, broken: 0, not_applicable: 0, no_rule: 0 }
  const door = (part: Partial<typeof counts>): GraphEdge => ({
    ...edge('openai', 'hubble', 1),
    door: { state: 'unverified', lean: 'none', counts: { ...counts, ...part }, observedIps: [], expected: [] },
  })
  it('counts what no rule covers among what left, and what never left not at all', () => {
    expect(headlineOf(NODES, [door({ sanctioned: 1, unverified: 1, no_rule: 2, blocked: 9 })])).toMatchObject({
      verifiedShare: 1 / 4,
      providerConnections: 4,
    })
  })
})
