import { describe, expect, it } from 'vitest'
import type { EdgeVariant } from '@/lib/model/graph'
import { policySentence } from './policy-sentence'

const COUNTERS = { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }
const variant = (part: Partial<EdgeVariant>): EdgeVariant => ({
  id: '1',
  source: 'hubble',
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
const policy = {
  kind: 'CiliumNetworkPolicy',
  namespace: 'agents',
  tier: '',
  name: 'allow-openai',
  action: 'allow',
} as const

describe('policySentence', () => {
  it.each<[string, Partial<EdgeVariant>]>([
    [
      'Seen by a NAT, from the address of a pod; no policy is told.',
      { source: 'nat', observer: 'unknown', outcome: 'observed', basis: 'not_reported', pending: 'unknown' },
    ],
    ['Egress at the client: allowed by policy agents/allow-openai (CiliumNetworkPolicy).', { enforced: [policy] }],
    ['Egress at the client: allowed (the source named no policy).', { basis: 'not_reported' }],
    [
      'Ingress at the server: denied: no rule allows it; a policy selects the pod, the source did not name it.',
      { observer: 'server', outcome: 'denied', basis: 'default' },
    ],
    [
      'Ingress at the server: denied: no rule matched in tier security; policy agents/isolate selects this pod.',
      {
        observer: 'server',
        outcome: 'denied',
        basis: 'default',
        enforced: [
          {
            kind: 'EndOfTier',
            namespace: '',
            tier: 'security',
            name: '',
            action: 'deny',
            trigger: { kind: 'CalicoNetworkPolicy', namespace: 'agents', tier: 'security', name: 'isolate' },
          },
        ],
      },
    ],
    [
      'Egress at the client: traffic was seen; the source gave no policy verdict for it.',
      { outcome: 'observed', basis: 'not_reported' },
    ],
    [
      'Egress at the client: allowed (the source named no policy). Would be denied: the policy is in audit mode.',
      { basis: 'not_reported', pending: 'would_deny' },
    ],
    [
      'Egress at the client: dropped for another cause than policy (NO_EGRESS_GATEWAY).',
      { outcome: 'dropped', basis: 'not_reported', dropReason: 'NO_EGRESS_GATEWAY' },
    ],
  ])('%s', (sentence, part) => {
    expect(policySentence(variant(part))).toBe(sentence)
  })
})
