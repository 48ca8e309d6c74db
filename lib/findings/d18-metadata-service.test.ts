import { describe, expect, it } from 'vitest'
import { aiWorkload, edge, external, facts, known, slot, workload } from './__fixtures__/cluster-facts'
import { d18 } from './d18-metadata-service'
import type { ClusterFacts, EdgeFacts, PeerFacts } from './facts'

const agent = aiWorkload('agents/planner', 'langserve', 'agent')
const at = (name: string, ip = name): PeerFacts => external(name, { ips: [ip] })
const call = (server: PeerFacts = at('169.254.169.254'), parts: Partial<EdgeFacts> = {}): EdgeFacts =>
  edge(agent, server, { serverPort: 80, ...parts })
const found = (edges: EdgeFacts[], parts: Partial<ClusterFacts> = {}) => d18.detect(facts({ edges, ...parts }))

describe('D18', () => {
  it('is high and a fact where an AI workload reached the metadata service', () => {
    expect(found([call()])).toMatchObject([
      {
        workload: 'agents/planner',
        target: 'cloud metadata service',
        severity: 'high',
        certainty: 'fact',
        title:
          'agents/planner, an AI workload, reaches the cloud metadata service at 169.254.169.254, which gives out the identity of the node.',
      },
    ])
  })

  it('knows the addresses and names of the clouds, IPv6 in any spelling', () => {
    for (const name of [
      'fd00:ec2::254',
      'fd00:ec2:0:0:0:0:0:254',
      'fd20:ce::254',
      '100.100.100.200',
      '169.254.0.23',
      '::ffff:169.254.169.254',
    ])
      expect(found([call(at(name))]), name).toHaveLength(1)
    for (const name of [
      'metadata.google.internal',
      'Metadata.Goog',
      'instance-data.ec2.internal',
      'metadata.azure.internal',
    ])
      expect(found([call(external(name))]), name).toHaveLength(1)
    expect(found([call({ ...external(''), class: 'host', ips: ['169.254.169.254'] })])).toHaveLength(1)
  })

  it('does not take what gives a pod its own identity, DNS or time for the metadata service', () => {
    for (const ip of [
      '169.254.170.2',
      '169.254.170.23',
      'fd00:ec2::23',
      '169.254.169.252',
      '169.254.169.253',
      '169.254.169.123',
      '169.254.20.10',
    ])
      expect(found([call(at(ip))]), ip).toEqual([])
    for (const serverPort of [53, 123, 988]) expect(found([call(at('169.254.169.254'), { serverPort })])).toEqual([])
    expect(found([call(at('169.254.169.254'), { protocol: 'udp', serverPort: 53 })])).toEqual([])
    expect(found([call(external('metadata.google.internal.example.com'))])).toEqual([])
  })

  it('is information where a policy stopped it: the policy works', () => {
    expect(found([call(at('169.254.169.254'), { slots: [slot({ denied: 4 })] })])).toMatchObject([
      {
        severity: 'info',
        title: expect.stringContaining('A policy stopped agents/planner'),
        shown: { slots: [{ count: 4 }] },
      },
    ])
    expect(found([call(at('169.254.169.254'), { slots: [slot({ dropped: 4 })] })])).toEqual([])
  })

  it('is low and possible for pods whose identity comes by a webhook or a proxy on the node', () => {
    const labels = { 'azure.workload.identity/use': 'true' }
    expect(found([call(at('169.254.169.254'), { client: { ...agent, labels } })])).toMatchObject([
      { severity: 'low', certainty: 'possible' },
    ])
  })

  it('says nothing of workloads that are not AI', () => {
    expect(found([call(at('169.254.169.254'), { client: workload('shop/web') })])).toEqual([])
    expect(found([call(at('169.254.169.254'), { client: { ...external(''), class: 'host' } })])).toEqual([])
  })

  it('knows an AI workload by spans of its own, and is possible where it is only likely', () => {
    const app = workload('shop/app')
    const client = { client: app }
    expect(
      found([call(at('169.254.169.254'), client)], { workloads: [known(app, { aiSpans: 1, spans: 1 })] }),
    ).toHaveLength(1)
    const likely = { client: { ...app, ai: { role: 'agent', by: 'n8n', certain: false } } }
    expect(found([call(at('169.254.169.254'), likely)])).toMatchObject([{ severity: 'medium', certainty: 'possible' }])
  })

  it('does not take a workload of that name for it', () => {
    expect(found([call(workload('shop/metadata.goog', { name: 'metadata.goog' }))])).toEqual([])
  })
})
