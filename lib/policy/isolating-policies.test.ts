import { describe, expect, it } from 'vitest'
import type { PolicyKind } from '@/lib/model/policy'
import { type Direction, isolatingPolicies, type PolicySubject, type PolicyText } from './isolating-policies'

const subject: PolicySubject = {
  namespace: 'ml',
  labels: { values: { app: 'agent' }, isComplete: true },
  namespaceLabels: { values: { env: 'prod' }, isComplete: true },
  serviceAccount: 'agent-sa',
}
const policy = (kind: PolicyKind, spec: object, extra: Partial<PolicyText> = {}): PolicyText => ({
  kind,
  namespace: kind.startsWith('Global') || kind.includes('Clusterwide') ? '' : 'ml',
  tier: kind.includes('Calico') || kind.startsWith('Global') ? 'default' : '',
  name: 'p',
  body: { spec },
  ...extra,
})

function outcome(one: PolicyText, direction: Direction, of: PolicySubject = subject, passing: readonly string[] = []) {
  const { isolating, undecided } = isolatingPolicies([one], of, direction, new Set(passing))
  return isolating.length > 0 ? 'isolates' : undecided.length > 0 ? 'undecided' : 'no'
}

const np = (spec: object) => policy('NetworkPolicy', spec)
const cnp = (spec: object) => policy('CiliumNetworkPolicy', spec)
const ccnp = (spec: object) => policy('CiliumClusterwideNetworkPolicy', spec)
const calico = (spec: object) => policy('CalicoNetworkPolicy', spec)
const gnp = (spec: object) => policy('GlobalNetworkPolicy', spec)
const agent = { matchLabels: { app: 'agent' } }

describe('which policies isolate a pod', () => {
  it.each<[string, PolicyText, string, string]>([
    ['Kubernetes: no types, no egress rules', np({ podSelector: {} }), 'isolates', 'no'],
    ['Kubernetes: egress rules make it egress, too', np({ podSelector: {}, egress: [{}] }), 'isolates', 'isolates'],
    ['Kubernetes: by its types', np({ podSelector: agent, policyTypes: ['Egress'] }), 'no', 'isolates'],
    ['Kubernetes: another pod', np({ podSelector: { matchLabels: { app: 'web' } } }), 'no', 'no'],
    [
      'Kubernetes: expressions',
      np({
        podSelector: {
          matchExpressions: [
            { key: 'app', operator: 'In', values: ['agent'] },
            { key: 'x', operator: 'DoesNotExist' },
          ],
        },
      }),
      'isolates',
      'no',
    ],
    [
      'Kubernetes: an operator that nobody knows',
      np({ podSelector: { matchExpressions: [{ key: 'app', operator: 'Like', values: ['a*'] }] } }),
      'undecided',
      'no',
    ],
    ['Cilium: the direction that has rules', cnp({ endpointSelector: {}, egress: [{}] }), 'no', 'isolates'],
    ['Cilium: an empty list is no rule', cnp({ endpointSelector: {}, egress: [] }), 'no', 'no'],
    ['Cilium: deny rules count', cnp({ endpointSelector: agent, ingressDeny: [{}] }), 'isolates', 'no'],
    [
      'Cilium: enableDefaultDeny stands above the rules',
      cnp({ endpointSelector: {}, egress: [{}], enableDefaultDeny: { egress: false, ingress: true } }),
      'isolates',
      'no',
    ],
    [
      'Cilium: keys with a source',
      cnp({ endpointSelector: { matchLabels: { 'k8s:app': 'agent' } }, egress: [{}] }),
      'no',
      'isolates',
    ],
    [
      'Cilium: namespace and its labels, clusterwide',
      ccnp({
        endpointSelector: {
          matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'ml', 'io.cilium.k8s.namespace.labels.env': 'prod' },
        },
        ingress: [{}],
      }),
      'isolates',
      'no',
    ],
    ['Cilium: policies of nodes', ccnp({ nodeSelector: {}, ingress: [{}] }), 'no', 'no'],
    [
      'Cilium: several specs',
      policy('CiliumNetworkPolicy', {}, { body: { specs: [{ endpointSelector: agent, egress: [{}] }] } }),
      'no',
      'isolates',
    ],
    ['Calico: no types and no rules', calico({ selector: 'all()' }), 'isolates', 'no'],
    [
      'Calico: egress rules only',
      calico({ selector: "app == 'agent'", egress: [{ action: 'Allow' }] }),
      'no',
      'isolates',
    ],
    ['Calico: both types', gnp({ types: ['Ingress', 'Egress'] }), 'isolates', 'isolates'],
    ['Calico: namespaceSelector', gnp({ namespaceSelector: "env == 'prod'", types: ['Egress'] }), 'no', 'isolates'],
    [
      'Calico: by the name of the namespace',
      gnp({ namespaceSelector: "projectcalico.org/name == 'ml'" }),
      'isolates',
      'no',
    ],
    ['Calico: another namespace', gnp({ namespaceSelector: "projectcalico.org/name != 'ml'" }), 'no', 'no'],
    [
      'Calico: by the name of the account',
      gnp({ serviceAccountSelector: "projectcalico.org/name == 'agent-sa'" }),
      'isolates',
      'no',
    ],
    [
      'Calico: by labels of the account, which nobody tells',
      gnp({ serviceAccountSelector: "team == 'a'" }),
      'undecided',
      'no',
    ],
    ['Calico: for hosts before NAT', gnp({ preDNAT: true, applyOnForward: true }), 'no', 'no'],
    ['staged policies enforce nothing', policy('StagedNetworkPolicy', { types: ['Ingress'] }), 'no', 'no'],
    ['a policy of another namespace', policy('NetworkPolicy', { podSelector: {} }, { namespace: 'other' }), 'no', 'no'],
    ['a policy without its text', policy('NetworkPolicy', {}, { body: undefined }), 'undecided', 'undecided'],
  ])('%s', (_name, one, ingress, egress) => {
    expect([outcome(one, 'ingress'), outcome(one, 'egress')]).toEqual([ingress, egress])
  })

  it('a tier whose default action is Pass denies nothing by itself', () => {
    expect(outcome(calico({}), 'ingress', subject, ['default'])).toBe('no')
    expect(outcome(calico({}), 'ingress', subject, ['other'])).toBe('isolates')
  })

  it('labels that are only partly known leave a policy undecided, unless they suffice', () => {
    const partly = { ...subject, labels: { values: {}, isComplete: false } }
    expect(outcome(np({ podSelector: agent }), 'ingress', partly)).toBe('undecided')
    expect(outcome(np({ podSelector: {} }), 'ingress', partly)).toBe('isolates')
  })
})
