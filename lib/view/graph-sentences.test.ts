import { describe, expect, it } from 'vitest'
import type { EdgeVariant, GraphEdge, GraphNode } from '@/lib/model/graph'
import type { PolicyHit } from '@/lib/model/policy'
import { edgeSentence, nodeSentence } from './graph-sentences'

const counters = {
  connections: 1,
  events: 0,
  requests: 0,
  requestErrors: 0,
  spans: 0,
  bytesSent: 0,
  bytesReceived: 0,
}
const hit = (part: Partial<PolicyHit>): PolicyHit => ({
  kind: 'CalicoNetworkPolicy',
  namespace: 'agents',
  tier: 'security',
  name: 'allow-openai',
  action: 'allow',
  ...part,
})
const variant = (part: Partial<EdgeVariant>): EdgeVariant => ({
  id: '1',
  source: 'calico',
  observer: 'client',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  counters,
  firstMs: 0,
  lastMs: 0,
  ...part,
})
const edge = (part: Partial<GraphEdge>): GraphEdge => ({
  id: '9',
  client: '1',
  server: '2',
  cluster: 'c',
  protocol: 'tcp',
  serverPort: 443,
  state: 'allowed_by_policy',
  passed: 1,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters,
  variants: [],
  isAi: true,
  openFindings: 0,
  firstMs: 0,
  lastMs: 0,
  ...part,
})
const NODES = new Map([
  ['1', { label: 'agents / planner' }],
  ['2', { label: 'OpenAI · api.openai.com' }],
])
const say = (part: Partial<GraphEdge>) => edgeSentence(edge(part), NODES)

describe('an edge in one sentence', () => {
  it('says subject, verdict, policy and door', () => {
    const door = {
      state: 'violation',
      counts: { sanctioned: 0, violation: 3, unverified: 0 },
      observedIps: [],
      expected: [],
    } as unknown as NonNullable<GraphEdge['door']>
    expect(say({ variants: [variant({ enforced: [hit({})] })], door, openFindings: 1 })).toBe(
      'agents / planner to OpenAI · api.openai.com, port 443: Allowed, policy agents/allow-openai (tier security); Left by another address; 1 open finding',
    )
  })

  it.each([
    [
      'a default deny names what selects the pod',
      {
        state: 'denied_no_rule',
        variants: [
          variant({
            outcome: 'denied',
            basis: 'default',
            enforced: [hit({ kind: 'EndOfTier', action: 'deny', trigger: hit({ name: 'base' }) })],
          }),
        ],
      },
      'Denied (no rule matched), policy agents/base selects the pod',
    ],
    ['no policy is named where no source named one', { variants: [variant({})] }, 'Allowed'],
    ['a profile is no policy', { variants: [variant({ enforced: [hit({ kind: 'Profile' })] })] }, 'Allowed'],
    [
      'a verdict that nobody gave has no policy',
      { state: 'no_verdict', variants: [variant({ enforced: [hit({})] })] },
      'No verdict',
    ],
    [
      'a staged policy is named',
      {
        state: 'would_be_denied',
        variants: [
          variant({ pending: 'would_deny', pendingTrace: [hit({ kind: 'StagedNetworkPolicy', name: 'lock' })] }),
        ],
      },
      'Would be denied, policy agents/lock (tier security)',
    ],
    ['a mixed one is counted', { state: 'mixed', passed: 12, denied: 3 }, 'Mixed 12 / 3'],
  ] as const)('%s', (_name, part, verdict) => {
    expect(say(part)).toBe(`agents / planner to OpenAI · api.openai.com, port 443: ${verdict}`)
  })

  it('a bundle is told by its counts', () => {
    const bundle = {
      edges: 12,
      states: { allowed_by_policy: 9, denied_by_rule: 3 },
      worst: 'denied_by_rule',
      ports: ['443/tcp'],
    } as const
    expect(say({ bundle })).toBe(
      'agents / planner to OpenAI · api.openai.com, 12 edges on 443/tcp: 9 allowed, 3 denied',
    )
  })
})

it('a node in one sentence: name, role, what it stands for, its edges', () => {
  const node: GraphNode = {
    id: '1',
    class: 'workload',
    cluster: 'c',
    namespace: 'agents',
    name: 'planner',
    label: 'agents / planner',
  }
  expect(nodeSentence({ ...node, aiRole: 'agent' }, { out: 3, in: 1 })).toBe('agents / planner, agent, 3 out, 1 in')
  const group = { kind: 'namespace', members: 14, innerEdges: 2, aiWorkloads: 0 } as const
  expect(nodeSentence({ ...node, label: 'agents', group }, { out: 0, in: 2 })).toBe(
    'agents, namespace of 14, drawn as one, 2 in',
  )
  expect(nodeSentence({ ...node, pod: 'planner-0' }, { out: 0, in: 0 })).toBe('agents / planner, pod planner-0')
})
