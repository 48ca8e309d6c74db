import { describe, expect, it } from 'vitest'
import { asked, edge, external, facts, MINUTE, NOW, provider, slot, workload } from './__fixtures__/cluster-facts'
import { d8 } from './d8-dns-without-flow'
import type { EdgeFacts, NameFacts } from './facts'

const planner = workload('agents/planner')
const found = (names: NameFacts[], edges: EdgeFacts[] = []) => d8.detect(facts({ names, edges }))

describe('D8', () => {
  it('is information: a name was answered, and nothing went there', () => {
    expect(found([asked('agents/planner'), asked('agents/planner', { host: 'eu.api.openai.com' })])).toMatchObject([
      {
        workload: 'agents/planner',
        target: 'OpenAI',
        severity: 'info',
        certainty: 'possible',
        title: 'agents/planner asked for OpenAI, and no connection followed.',
        edgeIds: [],
        shown: { kind: 'slots', slots: [{ count: 1 }] },
      },
    ])
  })

  it('keeps silent while the flow may still come: five minutes, and five for the flow log', () => {
    expect(found([asked('agents/planner', { lastMs: NOW - 10 * MINUTE + 1 })])).toEqual([])
    expect(found([asked('agents/planner', { lastMs: NOW - 10 * MINUTE })])).toHaveLength(1)
  })

  it('keeps silent where any flow of the workload goes to the provider: denied, or by HTTP/3', () => {
    const names = [asked('agents/planner')]
    expect(found(names, [edge(planner, provider('openai'), { protocol: 'udp' })])).toEqual([])
    expect(found(names, [edge(planner, provider('openai'), { slots: [slot({ denied: 1 })] })])).toEqual([])
    expect(found(names, [edge(workload('ml/train'), provider('openai'))])).toHaveLength(1)
    expect(found(names, [edge(planner, provider('groq'))])).toHaveLength(1)
  })

  it('keeps silent where the workload has a flow that nobody could name', () => {
    const names = [asked('agents/planner')]
    expect(found(names, [edge(planner, { ...external(''), class: 'internet' })])).toEqual([])
    expect(found(names, [edge(planner, external('104.18.6.192', { ips: ['104.18.6.192'] }))])).toEqual([])
    expect(found(names, [edge(planner, external('10.0.0.9', { ips: ['10.0.0.9'] }))])).toHaveLength(1)
    expect(found(names, [edge(planner, external('api.stripe.com'))])).toHaveLength(1)
  })

  it('keeps silent for questions alone, for clients that the log does not tell, and for warmers of caches', () => {
    expect(found([asked('agents/planner', { isAnswer: false })])).toEqual([])
    expect(found([asked('agents/planner', { workload: undefined, clientIp: '10.0.0.9' })])).toEqual([])
    expect(found([asked('kube-system/node-local-dns')])).toEqual([])
  })

  it('keeps silent for pages of vendors', () => {
    expect(found([asked('agents/planner', { provider: { id: 'openai', name: 'OpenAI', role: 'ui' } })])).toEqual([])
  })

  it('is disproved by a flow that comes late', () => {
    const pair = { workload: 'agents/planner', target: 'OpenAI' }
    expect(d8.isDisproved?.(pair, facts({ edges: [edge(planner, provider('openai'))] }))).toBe(true)
    expect(d8.isDisproved?.(pair, facts())).toBe(false)
  })
})
