import { describe, expect, it } from 'vitest'
import { configOf, NAT_PATH, RULE } from './__fixtures__/scene'
import { buildEgressConfig, parseEgressConfig } from './config'
import { exportEgressConfig } from './export-config'
import { proposeFromCalico } from './propose-calico'
import { proposeFromCilium } from './propose-cilium'
import { proposeFromObserved } from './propose-observed'
import type { InForceObject } from './read-fields'
import type { Sighting } from './sighting'

const object = (kind: string, name: string, body: object, namespace = ''): InForceObject => ({
  cluster: 'prod',
  kind,
  namespace,
  name,
  body: { ...body },
})
const sighting = (parts: Partial<Sighting> = {}): Sighting => ({
  cluster: 'prod',
  namespace: 'ml',
  workload: 'agent',
  host: 'api.openai.com',
  providerId: 'openai',
  serverIp: '104.18.6.192',
  connections: 1,
  hops: [],
  ...parts,
})
const cilium = (spec: object) => proposeFromCilium([object('CiliumEgressGatewayPolicy', 'egress-sample', { spec })], [])
const GATEWAY = { nodeSelector: { matchLabels: { pool: 'egress' } }, egressIP: '203.0.113.10' }

describe('a policy of Cilium’s egress gateway', () => {
  it('becomes a point and a rule in the words of the file, and reads back without a complaint', () => {
    const [proposal] = cilium({
      selectors: [
        {
          podSelector: {
            matchLabels: {
              org: 'empire',
              'k8s:io.kubernetes.pod.namespace': 'default',
              'io.cilium.k8s.policy.serviceaccount': 'sa',
            },
          },
        },
        { namespaceSelector: { matchLabels: { env: 'prod', 'kubernetes.io/metadata.name': 'ml' } } },
      ],
      destinationCIDRs: ['0.0.0.0/0'],
      egressGateway: GATEWAY,
    })
    expect(proposal?.point).toEqual({
      name: 'egress-sample',
      kind: 'egress-gateway',
      publicCidrs: ['203.0.113.10'],
      gateway: { nodeSelector: { pool: 'egress' } },
      clusters: ['prod'],
    })
    expect(proposal?.rules).toMatchObject([
      {
        name: 'egress-sample',
        workloads: { namespaces: ['default'], podLabels: { org: 'empire' }, serviceAccounts: ['sa'] },
      },
      { name: 'egress-sample-2', workloads: { namespaces: ['ml'], namespaceLabels: { env: 'prod' } } },
    ])
    expect(proposal?.warnings).toEqual([])
    const text = JSON.stringify({ egressPoints: [proposal?.point], egressRules: proposal?.rules })
    const { entries } = parseEgressConfig(text, { origin: 'ui' })
    expect(entries && exportEgressConfig(entries)).toContain('egress-sample-2')
  })

  it('without an address that the outside sees leaves it to the person', () => {
    const [proposal] = cilium({
      selectors: [{}],
      egressGateways: [{ interface: 'eth1' }, { egressIP: '10.168.60.100' }],
    })
    expect(proposal?.point).toMatchObject({ publicCidrs: [], privateCidrs: ['10.168.60.100'] })
    expect(proposal?.warnings.join(' ')).toMatch(/no egressIP.*10\.168\.60\.100 is private/)
  })

  it('says what a rule cannot', () => {
    const [proposal] = cilium({
      selectors: [
        {
          podSelector: {
            matchExpressions: [
              { key: 'io.kubernetes.pod.namespace', operator: 'In', values: ['a', 'b'] },
              { key: 'tier', operator: 'Exists' },
            ],
          },
          nodeSelector: { matchLabels: { x: 'y' } },
        },
      ],
      destinationCIDRs: ['0.0.0.0/0'],
      egressGateway: GATEWAY,
    })
    expect(proposal?.rules[0]?.workloads).toMatchObject({ namespaces: ['a', 'b'] })
    expect(proposal?.warnings.join(' ')).toMatch(/selects more than tier Exists.*knows no nodes/)
  })

  it('warns of providers that it excepts and of workloads that it leaves out, in its own cluster only', () => {
    const policy = object('CiliumEgressGatewayPolicy', 'p', {
      spec: {
        selectors: [{}],
        destinationCIDRs: ['0.0.0.0/0'],
        excludedCIDRs: ['104.16.0.0/13'],
        egressGateway: GATEWAY,
      },
    })
    const [proposal] = proposeFromCilium(
      [policy],
      [
        sighting(),
        sighting({ workload: 'stray', isCovered: false }),
        sighting({ cluster: 'other', workload: 'far', isCovered: false }),
      ],
    )
    expect(proposal?.warnings).toEqual([
      'excludedCIDRs hold addresses of providers that were reached: 104.18.6.192 (api.openai.com). These do not leave by it.',
      'Not covered, though they reach providers: ml/stray. They leave another way.',
    ])
  })

  it('that nobody wrote right is no reason to fall over', () => {
    for (const spec of [
      undefined,
      null,
      7,
      [],
      { selectors: 'x', egressGateway: [], destinationCIDRs: {} },
      { selectors: [{ podSelector: [] }] },
    ])
      expect(proposeFromCilium([object('CiliumEgressGatewayPolicy', 'p', { spec })], [sighting()])).toHaveLength(1)
  })
})

describe('an egress gateway of Calico', () => {
  const SELECTOR = 'egress.projectcalico.org/selector'
  const gateway = (spec: object) => object('EgressGateway', 'egw', { spec }, 'calico-egress')
  const pods = object('Workload', 'egw', { labels: { 'egress-code': 'red' } }, 'calico-egress')
  const pool = (spec: object) => object('IPPool', 'pool-1', { spec: { cidr: '10.10.10.0/31', ...spec } })
  const client = object('Namespace', 'ml', { metadata: { annotations: { [SELECTOR]: "egress-code == 'red'" } } })

  it('becomes a point with its addresses, and rules for those whose annotations choose it', () => {
    const [proposal] = proposeFromCalico(
      [
        gateway({ ipPools: [{ name: 'pool-1' }], aws: { elasticIPs: ['37.1.2.3'] } }),
        pods,
        pool({}),
        client,
        object('Workload', 'agent', { annotations: { [SELECTOR]: "egress-code == 'red'" } }, 'agents'),
        object('Workload', 'blue', { annotations: { [SELECTOR]: "egress-code == 'blue'" } }, 'agents'),
        object('Workload', 'inside', { annotations: { [SELECTOR]: "egress-code == 'red'" } }, 'ml'),
      ],
      [],
    )
    expect(proposal?.point).toEqual({
      name: 'egw',
      kind: 'egress-gateway',
      publicCidrs: ['37.1.2.3'],
      privateCidrs: ['10.10.10.0/31'],
      gateway: { namespace: 'calico-egress', podLabels: { 'egress-code': 'red' } },
      clusters: ['prod'],
    })
    expect(proposal?.rules.map(({ name, workloads }) => ({ name, ...workloads }))).toEqual([
      { name: 'egw', namespaces: ['ml'] },
      { name: 'egw-agents', namespaces: ['agents'], names: ['agent'] },
    ])
    expect(proposal?.warnings).toEqual([])
  })

  it('whose pool is NATed again has no address of its own, and says so', () => {
    const [proposal] = proposeFromCalico(
      [gateway({ ipPools: [{ cidr: '10.10.10.0/31' }] }), pods, pool({ natOutgoing: true })],
      [],
    )
    expect(proposal?.point.privateCidrs).toBeUndefined()
    expect(proposal?.warnings.join(' ')).toMatch(/pool-1 has natOutgoing: true.*No namespace or workload/)
  })

  it('is chosen by a policy’s selector as well, and what is not known is said to be so', () => {
    const byPolicy = object('Namespace', 'ml', {
      metadata: { annotations: { 'egress.projectcalico.org/egressGatewayPolicy': 'egw-policy1' } },
    })
    const policy = object('EgressGatewayPolicy', 'egw-policy1', {
      spec: { rules: [{ destination: { cidr: '10.0.0.0/8' } }, { gateway: { selector: "egress-code == 'red'" } }] },
    })
    const [proposal] = proposeFromCalico([gateway({ ipPools: [] }), byPolicy, policy], [])
    expect(proposal?.rules).toMatchObject([{ workloads: { namespaces: ['ml'] } }])
    expect(proposal?.warnings.join(' ')).toContain('may mean this gateway or another one')
  })
})

describe('addresses that were seen', () => {
  const seen = (ip: string, isProven: boolean, parts: Partial<Sighting> = {}) =>
    sighting({ address: { ip, isProven, kind: 'conntrack-gw' }, hops: ['node', 'gw'], ...parts })
  const config = configOf({ paths: [], rules: [RULE] })

  it('that nothing declares are proposed, the most used first, with what proves them', () => {
    const proposals = proposeFromObserved(
      [
        seen('198.51.100.7', false, { connections: 2 }),
        seen('198.51.100.9', true, { connections: 5, workload: 'planner' }),
        seen('198.51.100.9', false, { connections: 1 }),
        seen('203.0.113.10', true, { connections: 900 }),
      ],
      config,
    )
    expect(proposals.map(({ point }) => point.publicCidrs)).toEqual([['198.51.100.9'], ['198.51.100.7']])
    expect(proposals[0]?.evidence[0]).toBe(
      '6 connections of cluster prod left by 198.51.100.9; for 5 of them it is proven.',
    )
    expect(proposals[0]?.path).toEqual({ name: 'prod', clusters: ['prod'], hops: ['node', 'gw'], final: 'gw' })
    expect(proposals[1]?.warnings[0]).toContain('None of it is proven')
    expect(proposals[0]?.warnings.join()).not.toContain('None of it is proven')
    expect(proposeFromObserved([seen('198.51.100.7', true)], configOf({ paths: [NAT_PATH] }))[0]?.path).toBeUndefined()
  })

  it('are a node’s own where nodes alone tell of them', () => {
    const kindOf = (parts: Partial<Sighting>, kind: 'conntrack-node' | 'gcp-cloud-nat') =>
      proposeFromObserved([sighting({ address: { ip: '198.51.100.7', isProven: false, kind }, ...parts })], config)[0]
        ?.point.kind
    expect(kindOf({ hops: ['node'] }, 'conntrack-node')).toBe('node')
    expect(kindOf({ hops: ['node', 'gw'] }, 'conntrack-node')).toBe('nat-gateway')
    expect(kindOf({ hops: ['gw'] }, 'gcp-cloud-nat')).toBe('nat-gateway')
  })

  it('read back as entries without an error', () => {
    const [proposal] = proposeFromObserved(
      [seen('2a00:1450:4001::7', true)],
      buildEgressConfig({ ...config, rules: [] }),
    )
    const text = JSON.stringify({
      egressPoints: [proposal?.point],
      egressRules: proposal?.rules,
      paths: [proposal?.path],
    })
    expect(parseEgressConfig(text, { origin: 'ui' }).issues.filter(({ severity }) => severity === 'error')).toEqual([])
  })
})
