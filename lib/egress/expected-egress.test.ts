import { describe, expect, it } from 'vitest'
import type { EgressObservation } from '@/lib/model/egress'
import { buildEgressConfig, configFromSanctionedEgress } from './config'
import { type EgressIntentFacts, expectedEgress } from './expected-egress'
import { judgeConnection } from './judge'

const base: EgressIntentFacts = {
  subject: {
    namespace: 'ml',
    labels: { values: { app: 'agent' }, isComplete: true },
    namespaceLabels: { values: { env: 'prod' }, isComplete: true },
    serviceAccount: 'sa',
  },
  annotations: {},
  objects: [],
}
const cegp = (spec: object, name = 'p') => ({ kind: 'CiliumEgressGatewayPolicy', name, body: { spec } })
const everywhere = {
  selectors: [{ podSelector: { matchLabels: { app: 'agent' } } }],
  destinationCIDRs: ['0.0.0.0/0'],
  egressGateway: { egressIP: '203.0.113.10' },
}
const coversOf = (
  objects: EgressIntentFacts['objects'],
  serverIp: string | undefined = '198.51.100.1',
  facts = base,
) => {
  return expectedEgress({ ...facts, objects }, serverIp, 0)?.covers
}

describe('what Cilium’s egress gateways should do', () => {
  it('says nothing in a cluster that has none', () => {
    expect(expectedEgress(base, '198.51.100.1', 0)).toBeUndefined()
  })

  it('a pod that is selected, towards an address that is held, is covered by the policy’s address', () => {
    expect(expectedEgress({ ...base, objects: [cegp(everywhere)] }, '198.51.100.1', 7)).toEqual({
      kind: 'cegp-intent',
      gateway: 'cilium',
      join: 'J0',
      trustedChannel: true,
      atMs: 7,
      covers: true,
      ip: '203.0.113.10',
    })
  })

  it.each([
    ['an excepted address is not covered', { ...everywhere, excludedCIDRs: ['198.51.100.0/24'] }, false],
    ['an address beyond the exception is', { ...everywhere, excludedCIDRs: ['192.0.2.0/24'] }, true],
    ['an address of no listed network is not', { ...everywhere, destinationCIDRs: ['10.0.0.0/8'] }, false],
    ['another pod is not', { ...everywhere, selectors: [{ podSelector: { matchLabels: { app: 'web' } } }] }, false],
    ['no selector selects nobody', { ...everywhere, selectors: [] }, false],
    [
      'the namespace as a label',
      { ...everywhere, selectors: [{ podSelector: { matchLabels: { 'io.kubernetes.pod.namespace': 'ml' } } }] },
      true,
    ],
    [
      'both selectors must hold',
      { ...everywhere, selectors: [{ podSelector: {}, namespaceSelector: { matchLabels: { env: 'test' } } }] },
      false,
    ],
    [
      'the labels of the namespace',
      { ...everywhere, selectors: [{ namespaceSelector: { matchLabels: { env: 'prod' } } }] },
      true,
    ],
    [
      'a node is not looked up',
      { ...everywhere, selectors: [{ podSelector: {}, nodeSelector: { matchLabels: { pool: 'a' } } }] },
      undefined,
    ],
    ['an exception that cannot be read', { ...everywhere, excludedCIDRs: ['198.51.100.1/99'] }, undefined],
  ])('%s', (_name, spec, covers) => {
    expect(coversOf([cegp(spec)])).toBe(covers)
  })

  it('one of several policies suffices; an unread one leaves it open', () => {
    const other = { ...everywhere, selectors: [] }
    expect(coversOf([cegp(other), cegp(everywhere, 'q')])).toBe(true)
    expect(coversOf([cegp(other), { kind: 'CiliumEgressGatewayPolicy', name: 'large' }])).toBeUndefined()
  })

  it('without the server’s address, or with labels that are only partly told, nothing is said', () => {
    expect(expectedEgress({ ...base, objects: [cegp(everywhere)] }, undefined, 0)).toBeUndefined()
    const partly = { ...base, subject: { ...base.subject, labels: { values: {}, isComplete: false } } }
    expect(coversOf([cegp(everywhere)], '198.51.100.1', partly)).toBeUndefined()
  })
})

describe('what Calico’s egress gateways should do', () => {
  const gateway = { kind: 'EgressGateway', name: 'g', body: { spec: { ipPools: [{ name: 'egress' }] } } }
  const pool = (natOutgoing: boolean) => ({
    kind: 'IPPool',
    name: 'egress',
    body: { spec: { cidr: '10.9.0.0/24', natOutgoing } },
  })
  const chosen = { ...base, annotations: { 'egress.projectcalico.org/selector': "egress == 'a'" } }
  const byPolicy = { ...base, annotations: { 'egress.projectcalico.org/egressGatewayPolicy': 'p' } }
  const policy = (rules: object[]) => ({ kind: 'EgressGatewayPolicy', name: 'p', body: { spec: { rules } } })
  const use = { gateway: { selector: "egress == 'a'" } }

  it.each([
    ['a pod that names none is not covered', base, [gateway], false],
    ['a pod that names one is', chosen, [gateway], true],
    ['unless the pool of the gateway is NATed again', chosen, [gateway, pool(true)], undefined],
    ['a pool without NAT keeps the address', chosen, [gateway, pool(false)], true],
    ['annotations that are not known', { ...base, annotations: undefined }, [gateway], undefined],
    ['a policy that is not known', byPolicy, [gateway], undefined],
    [
      'the longest prefix decides: no gateway',
      byPolicy,
      [gateway, policy([{ ...use }, { destination: { cidr: '198.51.100.0/24' } }])],
      false,
    ],
    [
      'the longest prefix decides: a gateway',
      byPolicy,
      [gateway, policy([{}, { destination: { cidr: '198.51.100.0/24' }, ...use }])],
      true,
    ],
  ])('%s', (_name, facts, objects, covers) => {
    expect(coversOf(objects, '198.51.100.1', facts)).toBe(covers)
  })
})

describe('intent', () => {
  const { entries } = configFromSanctionedEgress('203.0.113.10/32', { finalHop: 'nat' })
  const judge = (...observations: EgressObservation[]) =>
    judgeConnection(
      {
        id: '1',
        cluster: 'c',
        workload: { namespace: 'ml', name: 'agent', labels: {}, isAi: true },
        serverIp: '198.51.100.1',
        serverPort: 443,
        protocol: 'tcp',
        firstMs: 0,
        lastMs: 1000,
        provider: {
          providerId: 'openai',
          providerName: 'OpenAI',
          category: 'llm',
          host: 'api.openai.com',
          role: 'inference',
          pattern: 'exact',
          aiExclusive: true,
          matchedBy: 'flow-dns-name',
        },
        isBlocked: false,
        isBroken: false,
      },
      observations,
      buildEgressConfig(entries ?? { points: [], paths: [], rules: [], deniedProviders: [] }),
    )
  const intent = (spec: object) => {
    const observation = expectedEgress({ ...base, objects: [cegp(spec)] }, '198.51.100.1', 0)
    if (!observation) throw new Error('nothing was expected')
    return observation
  }

  it.each([
    ['of a sanctioned address leans to the good', everywhere, 'likely_ok'],
    [
      'of another address leans to the bad, though the pod is covered',
      { ...everywhere, egressGateway: { egressIP: '203.0.113.99' } },
      'likely_violation',
    ],
    ['without an address leans to the good', { ...everywhere, egressGateway: {} }, 'likely_ok'],
    ['that does not cover leans to the bad', { ...everywhere, selectors: [] }, 'likely_violation'],
  ])('%s, and proves nothing', (_name, spec, lean) => {
    const judgement = judge(intent(spec))
    expect(judgement).toMatchObject({ state: 'unverified', reason: 'intent_only', lean })
    // What is configured was not seen.
    expect(judgement.observedIp).toBeUndefined()
  })

  it('never stands against what was observed', () => {
    const seen: EgressObservation = {
      kind: 'conntrack-gw',
      ip: '203.0.113.99',
      join: 'J3',
      hop: 'nat',
      trustedChannel: true,
      atMs: 500,
    }
    expect(judge(intent(everywhere), seen)).toMatchObject({ state: 'violation', observedIp: '203.0.113.99' })
  })
})
