import { describe, expect, it } from 'vitest'
import { aiWorkload, edge, external, facts, slot, wire, workload } from './__fixtures__/cluster-facts'
import { d1 } from './d1-plaintext-ai'
import type { EdgeFacts, PeerFacts } from './facts'

const planner = workload('agents/planner')
const ollama = aiWorkload('ml/ollama', 'ollama')
const call = (parts: Partial<EdgeFacts> = {}, server: PeerFacts = ollama, client: PeerFacts = planner): EdgeFacts =>
  edge(client, server, { serverPort: 11434, ...parts })
const found = (...edges: EdgeFacts[]) => d1.detect(facts({ edges }))

describe('D1', () => {
  it('is a fact where a proxy of the flow log read HTTP; high across namespaces, medium within one', () => {
    const l7 = { wire: wire({ httpRequests: 4 }) }
    expect(found(call(l7))).toMatchObject([
      {
        workload: 'agents/planner',
        target: 'ml/ollama',
        severity: 'high',
        certainty: 'fact',
        title: 'agents/planner calls ml/ollama in plaintext: a proxy of the flow log read HTTP on port 11434.',
        cause: 'endpoint:ml/ollama',
        shown: { kind: 'slots', slots: [{ count: 3 }] },
      },
    ])
    expect(found(call(l7, aiWorkload('agents/ollama', 'ollama')))).toMatchObject([{ severity: 'medium' }])
  })

  it('is a fact where a client span says http://', () => {
    expect(found(call({ wire: wire({ httpSpans: 2 }) }))).toMatchObject([{ certainty: 'fact', severity: 'high' }])
  })

  it('is possible, and less bad, by a port that is plain by default on a recognised AI workload', () => {
    expect(found(call())).toMatchObject([
      { certainty: 'possible', severity: 'medium', title: expect.stringContaining('may call') },
    ])
  })

  it('says nothing of the port of a workload that nothing recognises, whatever the port', () => {
    expect(found(call({ wire: wire({ httpRequests: 4 }) }, workload('shop/cart')))).toEqual([])
    expect(found(call({}, workload('shop/cart')))).toEqual([])
  })

  it('says nothing of a workload that is AI only by what it calls', () => {
    const agent = workload('shop/chat', { ai: { role: 'app', by: 'calls a provider', certain: true } })
    expect(found(call({ wire: wire({ httpRequests: 4 }) }, agent))).toEqual([])
  })

  it('is low by the port where the workload is only likely to be AI, and possible where HTTP was read', () => {
    const likely = workload('ml/box', { ai: { role: 'model-server', by: 'ollama', certain: false } })
    expect(found(call({}, likely))).toMatchObject([{ severity: 'low', certainty: 'possible' }])
    expect(found(call({ wire: wire({ httpRequests: 4 }) }, likely))).toMatchObject([{ certainty: 'possible' }])
  })

  it('is not opened by a port that the software does not use in plain, nor by a TLS port', () => {
    expect(found(call({ serverPort: 9999 }))).toEqual([])
    expect(found(call({ serverPort: 443 }))).toEqual([])
  })

  it('takes no port of KServe for plain: it may serve TLS there', () => {
    expect(found(call({ serverPort: 8080 }, aiWorkload('ml/llm', 'kserve')))).toEqual([])
    expect(
      found(call({ serverPort: 8080, wire: wire({ httpRequests: 1 }) }, aiWorkload('ml/llm', 'kserve'))),
    ).toHaveLength(1)
  })

  it('is cleared by client spans with https://, and made possible where HTTP was read all the same', () => {
    expect(found(call({ wire: wire({ httpsSpans: 2 }) }))).toEqual([])
    expect(found(call({ wire: wire({ httpsSpans: 2, httpRequests: 1 }) }))).toMatchObject([{ certainty: 'possible' }])
    const byService = call({ serverPort: 443, wire: wire({ httpsSpans: 2 }), slots: [slot({ spans: 2 })] })
    expect(found(call(), byService)).toEqual([])
  })

  it('stays a fact where some spans say https:// and some http://', () => {
    expect(found(call({ wire: wire({ httpsSpans: 2, httpSpans: 1 }) }))).toMatchObject([{ certainty: 'fact' }])
  })

  it('is cleared by a mesh, whose sidecar gets plain http:// rightly, and made possible where a proxy read HTTP', () => {
    expect(found(call({ wire: wire({ hasMesh: true }) }))).toEqual([])
    expect(found(call({ wire: wire({ hasMesh: true, httpSpans: 1 }) }))).toEqual([])
    expect(found(call({ wire: wire({ hasMesh: true, httpRequests: 1 }) }))).toMatchObject([{ certainty: 'possible' }])
  })

  it('is lowered, not cleared, by encryption between nodes', () => {
    expect(found(call({ wire: wire({ httpRequests: 1, encryptedRecords: 3 }) }))).toMatchObject([
      { severity: 'low', title: expect.stringContaining('Encrypted on the wire, plaintext at both ends.') },
    ])
  })

  it('says nothing within one workload, nor of a loopback address', () => {
    expect(found(call({ wire: wire({ httpRequests: 4 }) }, ollama, ollama))).toEqual([])
    const sidecar = aiWorkload('agents/sidecar', 'ollama', 'model-server', { ips: ['127.0.0.1'] })
    expect(found(call({ wire: wire({ httpRequests: 4 }) }, sidecar))).toEqual([])
    expect(found(call({ wire: wire({ httpSpans: 4 }) }, { ...ollama, class: 'local' }))).toEqual([])
  })

  it('says nothing of calls that were denied', () => {
    expect(found(call({ wire: wire({ httpSpans: 1 }), slots: [slot({ denied: 3, spans: 2 })] }))).toEqual([])
  })

  it('takes no scrape of metrics by its port for a call', () => {
    const prometheus = workload('monitoring/prometheus')
    expect(found(call({}, ollama, prometheus))).toEqual([])
    expect(found(call({ wire: wire({ httpRequests: 1 }) }, ollama, prometheus))).toHaveLength(1)
  })

  it('leaves callers from outside to D3, and HTTP/3 alone', () => {
    expect(found(call({ wire: wire({ httpRequests: 1 }) }, ollama, external('203.0.113.9')))).toEqual([])
    expect(found(call({ protocol: 'udp' }))).toEqual([])
  })

  it('counts spans where no flow record tells of the edge', () => {
    const told = call({ wire: wire({ httpSpans: 2 }), slots: [slot({ spans: 2 })] })
    expect(found(told)).toMatchObject([{ shown: { slots: [{ count: 2 }] } }])
  })
})
