import { describe, expect, it } from 'vitest'
import type { PolicyAction } from '@/lib/model/policy'
import { findRule, findSelectors } from './find-rule'

const egress = (index?: number, action: PolicyAction = 'allow') =>
  ({ direction: 'egress', action, ...(index !== undefined && { index }) }) as const

describe('findRule', () => {
  it('counts rules of a Calico policy by the list of their direction', () => {
    const body = { spec: { ingress: [{}], egress: [{ action: 'Allow' }, { action: 'Deny' }] } }
    expect(findRule('CalicoNetworkPolicy', body, egress(1, 'deny'))).toEqual({
      path: ['spec', 'egress', 1],
      isOnly: false,
    })
    expect(findRule('GlobalNetworkPolicy', body, egress(2))).toBeUndefined()
    expect(findRule('StagedNetworkPolicy', body, { direction: 'ingress', action: 'allow', index: 0 })?.path).toEqual([
      'spec',
      'ingress',
      0,
    ])
  })

  it('counts a rule of a Kubernetes policy once per protocol and peer, as Calico makes rules of it', () => {
    const body = {
      spec: {
        egress: [
          { ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }, { port: 54 }], to: [{}, {}, {}] },
          { to: [{}] },
          {},
        ],
      },
    }
    const at = (index: number) => findRule('NetworkPolicy', body, egress(index))?.path.at(-1)
    expect([0, 5, 6, 7, 8].map(at)).toEqual([0, 0, 1, 2, undefined])
  })

  it('counts rules of a Cilium policy over spec and specs, and denials in their own lists', () => {
    const body = {
      spec: { egress: [{}, {}], egressDeny: [{}] },
      specs: [{ ingress: [{}] }, { egress: [{}], egressDeny: [{}] }],
    }
    const at = (index: number, action: PolicyAction) =>
      findRule('CiliumNetworkPolicy', body, egress(index, action))?.path
    expect(at(1, 'allow')).toEqual(['spec', 'egress', 1])
    expect(at(2, 'allow')).toEqual(['specs', 1, 'egress', 0])
    expect(at(0, 'deny')).toEqual(['spec', 'egressDeny', 0])
    expect(at(1, 'deny')).toEqual(['specs', 1, 'egressDeny', 0])
  })

  it('without an index finds a rule only where it is the only one', () => {
    const one = { spec: { egress: [{}], egressDeny: [{}, {}] } }
    expect(findRule('CiliumNetworkPolicy', one, egress())).toEqual({ path: ['spec', 'egress', 0], isOnly: true })
    expect(findRule('CiliumNetworkPolicy', one, egress(undefined, 'deny'))).toBeUndefined()
    expect(findRule('CiliumNetworkPolicy', {}, egress())).toBeUndefined()
  })

  it('takes whatever a policy holds', () => {
    for (const spec of [null, 7, 'x', [], { egress: 'x' }, { egress: [null, 7, { ports: 'x', to: {} }] }])
      expect(() => findRule('NetworkPolicy', { spec }, egress(1))).not.toThrow()
  })
})

describe('findSelectors', () => {
  it('is what says which pods a policy is about', () => {
    expect(findSelectors('NetworkPolicy', { spec: { podSelector: {} } })).toEqual([['spec', 'podSelector']])
    expect(findSelectors('GlobalNetworkPolicy', { spec: { selector: 'all()', namespaceSelector: 'x' } })).toEqual([
      ['spec', 'selector'],
      ['spec', 'namespaceSelector'],
    ])
    expect(
      findSelectors('CiliumNetworkPolicy', {
        spec: { endpointSelector: {} },
        specs: [{ endpointSelector: {} }, { egress: [] }],
      }),
    ).toEqual([
      ['spec', 'endpointSelector'],
      ['specs', 0, 'endpointSelector'],
    ])
    expect(findSelectors('CalicoNetworkPolicy', { spec: {} })).toEqual([])
  })
})
