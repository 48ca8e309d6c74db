import { describe, expect, it } from 'vitest'
import { edge, external, facts, provider, slot, workload } from './__fixtures__/cluster-facts'
import { d16 } from './d16-unapproved-provider'
import type { EdgeFacts } from './facts'

const deniedProviders = new Set(['deepseek'])
const call = (parts: Partial<EdgeFacts> = {}): EdgeFacts =>
  edge(workload('agents/planner'), provider('deepseek'), parts)
const found = (...edges: EdgeFacts[]) => d16.detect(facts({ edges, deniedProviders }))

describe('D16', () => {
  it('is high and a fact where a provider that must not be reached was', () => {
    expect(found(call())).toMatchObject([
      {
        severity: 'high',
        certainty: 'fact',
        title: 'agents/planner reaches DeepSeek, which is not an approved provider.',
        cause: 'provider:deepseek',
        shown: { slots: [{ count: 3 }] },
      },
    ])
  })

  it('keeps silent where a policy stopped it: the policy works', () => {
    expect(found(call({ slots: [slot({ denied: 9 })] }))).toEqual([])
    expect(found(call({ slots: [slot({ denied: 9, spans: 9 })] }))).toEqual([])
  })

  it('shows the edges that got through, not those that a policy stopped beside them', () => {
    const stopped = call({ edgeId: 'stopped', slots: [slot({ denied: 9 })] })
    expect(found(call({ edgeId: 'through' }), stopped)).toMatchObject([{ edgeIds: ['through'] }])
  })

  it('keeps silent for approved providers', () => {
    expect(found(edge(workload('agents/planner'), provider('openai')))).toEqual([])
  })

  it('is possible where the name is not certain, or only traces tell of it', () => {
    const unsure = [{ severity: 'medium', certainty: 'possible', title: expect.stringContaining('may reach') }]
    expect(found(call({ server: provider('deepseek', { certain: false }) }))).toMatchObject(unsure)
    expect(found(call({ slots: [slot({ spans: 2 })] }))).toMatchObject(unsure)
  })

  it('is said of the cluster’s nodes too, and not of callers from outside', () => {
    const nodes = { ...external('cluster nodes'), class: 'host' } as const
    expect(found(call({ client: nodes }))).toHaveLength(1)
    expect(found(call({ client: external('203.0.113.9') }))).toEqual([])
  })

  it('is disproved by the approval of the provider', () => {
    const pair = { workload: 'agents/planner', target: 'DeepSeek' }
    expect(d16.isDisproved?.(pair, facts({ edges: [call()] }))).toBe(true)
    expect(d16.isDisproved?.(pair, facts({ edges: [call()], deniedProviders }))).toBe(false)
    expect(d16.isDisproved?.(pair, facts())).toBe(false)
  })
})
