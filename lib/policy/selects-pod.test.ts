import { describe, expect, it } from 'vitest'
import type { PolicySubject } from './isolating-policies'
import { selectsPod } from './selects-pod'
import { selectionOf, whyNotUnused } from './unused-policy'

const subject = (app: string, change: Partial<PolicySubject> = {}): PolicySubject => ({
  namespace: 'ml',
  labels: { values: { app }, isComplete: true },
  namespaceLabels: { values: { env: 'prod' }, isComplete: true },
  serviceAccount: 'sa',
  ...change,
})
const unknown = subject('agent', { labels: { values: {}, isComplete: false } })
const policy = (kind: string, spec: object, namespace = 'ml') => ({ kind, namespace, body: { spec } })

describe('whom a policy selects', () => {
  it.each([
    ['NetworkPolicy', { podSelector: { matchLabels: { app: 'agent' } } }],
    ['StagedKubernetesNetworkPolicy', { podSelector: { matchLabels: { app: 'agent' } } }],
    ['CalicoNetworkPolicy', { selector: "app == 'agent'" }],
    ['StagedNetworkPolicy', { selector: "app == 'agent'" }],
    ['CiliumNetworkPolicy', { endpointSelector: { matchLabels: { 'k8s:app': 'agent' } } }],
  ])('%s: by its own selector, never across namespaces, and not known where labels are not', (kind, spec) => {
    expect(selectsPod(policy(kind, spec), subject('agent'))).toBe(true)
    expect(selectsPod(policy(kind, spec), subject('web'))).toBe(false)
    expect(selectsPod(policy(kind, spec, 'other'), subject('agent'))).toBe(false)
    expect(selectsPod(policy(kind, spec), unknown)).toBeUndefined()
    expect(selectsPod({ kind, namespace: 'ml' }, subject('agent'))).toBeUndefined()
  })

  it('policies of administrators select namespaces, or pods of namespaces', () => {
    const all = (of: object) => policy('AdminNetworkPolicy', { subject: of, egress: [{}] }, '')
    expect(selectsPod(all({ namespaces: { matchLabels: { env: 'prod' } } }), subject('a'))).toBe(true)
    expect(
      selectsPod(all({ namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'ml' } } }), subject('a')),
    ).toBe(true)
    expect(
      selectsPod(all({ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'b' } } } }), subject('a')),
    ).toBe(false)
    expect(selectsPod(all({}), subject('a'))).toBeUndefined()
  })

  it('in a direction that it has no rules for, it has no say', () => {
    const ingress = policy('CiliumNetworkPolicy', { endpointSelector: {}, ingress: [{}] })
    expect(selectsPod(ingress, subject('a'), 'ingress')).toBe(true)
    expect(selectsPod(ingress, subject('a'), 'egress')).toBe(false)
    const typed = policy('NetworkPolicy', { podSelector: {}, policyTypes: ['Egress'] })
    expect(selectsPod(typed, subject('a'), 'egress')).toBe(true)
    expect(selectsPod(typed, subject('a'), 'ingress')).toBe(false)
  })
})

describe('a policy that no record names', () => {
  const bound = () => ({ left: 100 })
  const mine = policy('CiliumNetworkPolicy', { endpointSelector: { matchLabels: { app: 'agent' } }, egress: [{}] })

  it('may have decided traffic that it selects, or may select, and of which no policy is told', () => {
    expect(whyNotUnused(mine, [{ subject: subject('agent'), direction: 'egress' }], bound())).toBe('unnamed')
    expect(whyNotUnused(mine, [{ subject: unknown, direction: 'egress' }], bound())).toBe('unnamed')
    expect(whyNotUnused(mine, [{ subject: subject('web'), direction: 'egress' }], bound())).toBeUndefined()
    expect(whyNotUnused(mine, [{ subject: subject('agent'), direction: 'ingress' }], bound())).toBeUndefined()
    expect(whyNotUnused(mine, [], bound())).toBeUndefined()
  })

  it('of nodes, policies of the whole cluster may have decided', () => {
    expect(whyNotUnused(mine, [{}], bound())).toBeUndefined()
    expect(whyNotUnused(policy('GlobalNetworkPolicy', {}, ''), [{}], bound())).toBe('unnamed')
  })

  it('is not called unused once the budget is spent, and its selection is not told', () => {
    const budget = { left: 1 }
    expect(whyNotUnused(mine, [{ subject: subject('web') }, { subject: subject('b') }], budget)).toBe('too-many')
    expect(selectionOf(mine, [subject('agent'), subject('web')], { left: 1 })).toBeUndefined()
    expect(selectionOf(mine, [subject('agent'), subject('web'), unknown], bound())).toMatchObject({
      selected: [{ labels: { values: { app: 'agent' } } }],
      undecided: 1,
    })
  })
})
