import { BOTH_HOPS, callMaker, HUBBLE, NODE_LOG, pod, TWO_HOPS } from './build'
import { ELSEWHERE, SANCTIONED, type Scenario } from './world'

const pods = [pod('agent'), pod('crawler', { workload: 'crawler', ip: '10.244.2.11', node: 'node-b' })]
const call = callMaker(pods)
const base = { operator: TWO_HOPS, pods }
const probe = { namespace: 'ml', node: 'node-a', atS: -120, seenAs: SANCTIONED } as const

/** Probes of a namespace's way out: they lean, and prove nothing, whatever is true. */
export const PROBE_SCENARIOS: readonly Scenario[] = [
  {
    ...base,
    name: 'probe-saw-the-right-door',
    story: 'The newest probe of the node left rightly; the call itself did not, and nobody logs.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE],
    probes: [{ ...probe, atS: -600, seenAs: ELSEWHERE }, probe],
    leans: { bad: { reason: 'sampled_only', lean: 'likely_ok' } },
  },
  {
    ...base,
    name: 'probe-saw-another-door',
    story: 'A probe left by another door; the call itself left rightly.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent')],
    observers: [HUBBLE],
    probes: [{ ...probe, seenAs: ELSEWHERE }],
    leans: { good: { reason: 'sampled_only', lean: 'likely_violation' } },
  },
  {
    ...base,
    name: 'probes-of-two-nodes-disagree',
    story: 'Probes of two nodes left by two doors, and nobody knows on which of them the pod is: nothing leans.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent')],
    observers: [HUBBLE],
    probes: [probe, { ...probe, node: 'node-b', seenAs: ELSEWHERE }],
    leans: { good: { reason: 'sampled_only', lean: 'none' } },
  },
  {
    ...base,
    name: 'probe-is-stale',
    story: 'The last probe of the namespace was twenty minutes before the call: too old to say much.',
    looks: 'as it is',
    calls: [call('later', 'agent', { atS: 1100 })],
    observers: [HUBBLE],
    probes: [{ ...probe, atS: -100 }],
    leans: { later: { reason: 'stale_probe', lean: 'none' } },
  },
  {
    ...base,
    name: 'probe-forges-an-acquittal',
    story: 'The probe was told the right address by an echo service of the namespace’s own, and came by another.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE],
    probes: [{ ...probe, seenAs: '10.0.0.9', told: SANCTIONED }],
    leans: { bad: { reason: 'no_nat_evidence', lean: 'none' } },
  },
  {
    ...base,
    name: 'probe-beside-proof',
    story: 'A probe left by another door, and both hops prove that the call left rightly: proof stands above.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent')],
    observers: [HUBBLE, ...BOTH_HOPS],
    probes: [{ ...probe, seenAs: ELSEWHERE }],
  },
  {
    ...base,
    name: 'probe-came-after',
    story: 'A probe that ran after a call was over says nothing of it.',
    looks: 'as it is',
    calls: [call('before', 'crawler')],
    observers: [HUBBLE, NODE_LOG],
    probes: [{ ...probe, atS: 600 }],
  },
]
