import type { DoorSummary } from '@/lib/model/egress'
import type { EdgeVariant, GraphEdge, GraphNode } from '@/lib/model/graph'

const node = (id: string, namespace: string, part: Partial<GraphNode> = {}): GraphNode => ({
  id,
  class: 'workload',
  cluster: 'prod',
  namespace,
  name: id,
  label: `${namespace} / ${id}`,
  ...part,
})

export const NODES: readonly GraphNode[] = [
  node('planner', 'agents', { aiRole: 'agent' }),
  node('crawler', 'agents'),
  node('cart', 'shop'),
  node('postgres', 'data'),
  node('api.openai.com', '', {
    class: 'provider',
    label: 'OpenAI · api.openai.com',
    provider: { id: 'openai', name: 'OpenAI', category: 'inference', matchedBy: 'flow-dns-name', certain: true },
  }),
  node('coredns', 'kube-system'),
  node('internet', '', { class: 'internet', name: '', label: 'public internet (unresolved)', isNew: true }),
]

const COUNTERS = { connections: 5, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 1000, bytesReceived: 0 }

const variant = (source: EdgeVariant['source'], part: Partial<EdgeVariant> = {}): EdgeVariant => ({
  id: source,
  source,
  observer: 'client',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  counters: COUNTERS,
  firstMs: 0,
  lastMs: 0,
  ...part,
})

const edge = (id: string, client: string, server: string, serverPort: number, part: Partial<GraphEdge> = {}): GraphEdge => ({
  id,
  client,
  server,
  cluster: 'prod',
  protocol: 'tcp',
  serverPort,
  state: 'allowed_by_policy',
  passed: 5,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: COUNTERS,
  variants: [variant('hubble')],
  isAi: false,
  openFindings: 0,
  firstMs: 0,
  lastMs: 0,
  ...part,
})

const COUNTS = { violation: 4, sanctioned: 1, unverified: 0, blocked: 0, broken: 0, not_applicable: 0, no_rule: 0 }
const VIOLATION: DoorSummary = {
  state: 'violation',
  lean: 'none',
  counts: COUNTS,
  observedIps: ['203.0.113.66'],
  rule: 'ai-by-nat',
  expected: ['nat-a'],
}

export const AGENT_TO_OPENAI = edge('openai', 'planner', 'api.openai.com', 443, {
  isAi: true,
  door: VIOLATION,
  openFindings: 1,
  counters: { ...COUNTERS, spans: 3, bytesSent: 9_000_000, bytesReceived: 2_000_000 },
  ai: { calls: 3, errors: 0, inputTokens: 900, outputTokens: 200, models: ['gpt-4o'], addressRefused: 0 },
})
export const DNS = edge('dns', 'planner', 'coredns', 53, {
  protocol: 'udp',
  counters: { ...COUNTERS, bytesReceived: 3000 },
})
export const STAGED = edge('staged', 'planner', 'postgres', 5432, {
  isAi: true,
  state: 'would_be_denied',
  wouldBeDenied: 5,
  variants: [
    variant('calico', {
      observer: 'server',
      pending: 'would_deny',
      pendingTrace: [
        { kind: 'StagedNetworkPolicy', namespace: 'data', tier: 'security', name: 'lock-down', action: 'deny' },
      ],
    }),
  ],
})
export const SHOP = edge('shop', 'cart', 'postgres', 5432, {
  state: 'denied_no_rule',
  passed: 0,
  denied: 5,
  variants: [variant('calico', { outcome: 'denied', basis: 'default', dropReason: 'AUTH_REQUIRED' })],
})
export const CRAWL = edge('crawl', 'crawler', 'internet', 0, {
  variants: [variant('nat')],
  state: 'no_verdict',
  isNew: true,
})

/** Three namespaces that call a database, a resolver, a provider and the internet: one of each thing to ask about. */
export const EDGES: readonly GraphEdge[] = [AGENT_TO_OPENAI, DNS, STAGED, SHOP, CRAWL]
