import { describe, expect, it } from 'vitest'
import { edge, external, facts, provider, slot, wire, workload } from './__fixtures__/cluster-facts'
import { d2 } from './d2-plaintext-provider'
import type { EdgeFacts, PeerFacts } from './facts'

const planner = workload('agents/planner')
const call = (parts: Partial<EdgeFacts> = {}, server: PeerFacts = provider('openai')): EdgeFacts =>
  edge(planner, server, { serverPort: 80, ...parts })
const found = (...edges: EdgeFacts[]) => d2.detect(facts({ edges }))

describe('D2', () => {
  it('is critical and a fact where HTTP was read on the way, or a span says http://', () => {
    const expected = [{ severity: 'critical', certainty: 'fact', cause: 'plaintext:openai', target: 'OpenAI' }]
    expect(found(call({ wire: wire({ httpRequests: 2 }) }))).toMatchObject(expected)
    expect(found(call({ wire: wire({ httpSpans: 2 }) }))).toMatchObject(expected)
  })

  it('is possible by port 80 alone', () => {
    const big = [slot({ passed: 2, bytesSent: 90_000 })]
    expect(found(call({ slots: big }))).toMatchObject([{ severity: 'medium', certainty: 'possible' }])
    expect(found(call())).toMatchObject([{ severity: 'medium', certainty: 'possible' }])
  })

  it('is low where few bytes on port 80 look like a redirect', () => {
    expect(found(call({ slots: [slot({ passed: 3, bytesSent: 1_800 })] }))).toMatchObject([
      { severity: 'low', certainty: 'possible', title: expect.stringContaining('only be redirected') },
    ])
  })

  it('says nothing of port 443, nor of HTTP that a proxy read there by ending the TLS itself', () => {
    expect(found(call({ serverPort: 443 }))).toEqual([])
    expect(found(call({ serverPort: 443, wire: wire({ httpRequests: 2 }) }))).toEqual([])
  })

  it('is possible where a span says http:// and a sidecar may add TLS', () => {
    expect(found(call({ serverPort: 443, wire: wire({ httpSpans: 2 }) }))).toMatchObject([
      { severity: 'medium', certainty: 'possible' },
    ])
    expect(found(call({ wire: wire({ httpSpans: 2, hasMesh: true }) }))).toMatchObject([{ certainty: 'possible' }])
  })

  it('is possible where the host serves other traffic too', () => {
    const shared = provider('openai', { certain: false })
    expect(found(call({ wire: wire({ httpRequests: 2 }) }, shared))).toMatchObject([
      { severity: 'high', certainty: 'possible' },
    ])
  })

  it('says nothing of pages and downloads, of what was denied, of others than providers, and of HTTP/3', () => {
    const l7 = { wire: wire({ httpRequests: 2 }) }
    for (const role of ['ui', 'cdn', 'app']) expect(found(call(l7, provider('openai', { role })))).toEqual([])
    expect(found(call({ ...l7, slots: [slot({ denied: 2 })] }))).toEqual([])
    expect(found(call(l7, external('example.com')))).toEqual([])
    expect(found(call({ protocol: 'udp' }))).toEqual([])
  })
})
