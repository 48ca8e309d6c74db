import { describe, expect, it } from 'vitest'
import { aiWorkload, edge, external, facts, slot, workload } from './__fixtures__/cluster-facts'
import { d3 } from './d3-exposed-endpoint'
import type { EdgeFacts, PeerFacts } from './facts'

const weaviate = aiWorkload('ml/weaviate', 'weaviate', 'vector-store')
const world = (ip: string): PeerFacts => external(ip, { ips: [ip] })
const call = (client: PeerFacts, server = weaviate, parts: Partial<EdgeFacts> = {}): EdgeFacts =>
  edge(client, server, { serverPort: 8080, ...parts })
const found = (...edges: EdgeFacts[]) => d3.detect(facts({ edges }))

describe('D3', () => {
  it('is a fact, high, where a public address reached a recognised AI workload; one finding whoever called', () => {
    expect(found(call(world('203.0.113.9')), call(world('2001:db8::9')))).toMatchObject([
      {
        workload: 'ml/weaviate',
        target: 'internet',
        severity: 'high',
        certainty: 'fact',
        title: 'ml/weaviate is reached from the internet, by 2001:db8::9, 203.0.113.9, not through a gateway.',
        cause: 'endpoint:ml/weaviate',
        shown: { slots: [{ count: 6 }] },
      },
    ])
  })

  it('is critical for port 8265 of Ray, and not for its other ports', () => {
    const ray = aiWorkload('ml/ray', 'kuberay')
    expect(found(call(world('203.0.113.9'), ray, { serverPort: 8265 }))).toMatchObject([{ severity: 'critical' }])
    expect(found(call(world('203.0.113.9'), ray, { serverPort: 8000 }))).toMatchObject([{ severity: 'high' }])
  })

  it('says nothing of callers at private addresses', () => {
    for (const ip of ['10.1.2.3', '192.168.0.4', '172.16.9.9', '100.64.0.1', '169.254.1.1', 'fd00::1'])
      expect(found(call(world(ip)))).toEqual([])
  })

  it('says nothing of health checks and proxies of a cloud’s load balancer', () => {
    for (const ip of ['35.191.10.2', '130.211.1.4', '168.63.129.16', '2600:2d00:1:b029::5'])
      expect(found(call(world(ip)))).toEqual([])
  })

  it('says nothing of gateways, pods and nodes, which are inside', () => {
    expect(found(call(workload('ingress-nginx/controller')))).toEqual([])
    expect(found(call({ ...external(''), class: 'ingress' }))).toEqual([])
    expect(found(call({ ...external(''), class: 'host' }))).toEqual([])
    expect(found(call({ ...external('external users'), class: 'caller' }))).toEqual([])
  })

  it('says nothing of an endpoint that stands in the namespace of a gateway: it is the front door', () => {
    expect(
      found(call(world('203.0.113.9'), aiWorkload('envoy-gateway-system/ai', 'envoy-ai-gateway', 'gateway'))),
    ).toEqual([])
  })

  it('is possible where the source tells no address: its "public" holds private ranges too', () => {
    expect(found(call({ ...external(''), class: 'internet' }))).toMatchObject([
      { severity: 'medium', certainty: 'possible' },
    ])
  })

  it('is possible where the workload is only likely to be AI', () => {
    const likely = workload('ml/box', { ai: { role: 'model-server', by: 'ollama', certain: false } })
    expect(found(call(world('203.0.113.9'), likely))).toMatchObject([{ certainty: 'possible', severity: 'medium' }])
  })

  it('says nothing of other workloads, nor of what was denied', () => {
    expect(found(call(world('203.0.113.9'), workload('shop/web')))).toEqual([])
    expect(found(call(world('203.0.113.9'), weaviate, { slots: [slot({ denied: 9 })] }))).toEqual([])
  })
})
