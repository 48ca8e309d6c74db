import { describe, expect, it } from 'vitest'
import { door, edge, facts, provider, slot, workload } from './__fixtures__/cluster-facts'
import { d12 } from './d12-allow-list-gap'
import type { ClusterFacts, EdgeFacts } from './facts'

const planner = workload('agents/planner')
const call = (parts: Partial<EdgeFacts> = {}): EdgeFacts => edge(planner, provider('openai'), parts)
const allowLists = new Map([['openai', 'Settings > Security > IP allowlist']])
const found = (edges: EdgeFacts[], parts: Partial<ClusterFacts> = {}) =>
  d12.detect(facts({ edges, allowLists, ...parts }))

describe('D12', () => {
  it('is one item per provider in use, with the addresses to register', () => {
    const other = edge(workload('ml/train'), provider('openai'), { door: door('sanctioned') })
    expect(found([call(), other])).toMatchObject([
      {
        workload: 'all workloads',
        target: 'OpenAI',
        severity: 'info',
        facts: [
          'In use by 2 workloads: agents/planner, ml/train.',
          'Addresses to register: nat-a (203.0.113.10/32).',
          'How: Settings > Security > IP allowlist',
        ],
      },
    ])
  })

  it('keeps silent once an operator confirmed the list, and is disproved by it', () => {
    const confirmedAllowLists = new Set(['openai'])
    const pair = { workload: 'all workloads', target: 'OpenAI' }
    expect(found([call()], { confirmedAllowLists })).toEqual([])
    expect(d12.isDisproved?.(pair, facts({ edges: [call()], confirmedAllowLists }))).toBe(true)
    expect(d12.isDisproved?.(pair, facts({ edges: [call()] }))).toBe(false)
    expect(d12.isDisproved?.(pair, facts({ confirmedAllowLists }))).toBe(false)
  })

  it('keeps silent where no list is known: that is not "no list"', () => {
    expect(found([edge(planner, provider('groq'))])).toEqual([])
  })

  it('keeps silent for providers that are not in use, not approved, or not sure', () => {
    expect(found([call({ slots: [slot({ denied: 2 })] })])).toEqual([])
    expect(found([call()], { deniedProviders: new Set(['openai']) })).toEqual([])
    expect(found([call({ server: provider('openai', { certain: false }) })])).toEqual([])
    expect(found([call({ server: provider('openai', { role: 'ui' }) })])).toEqual([])
  })

  it('keeps silent for a private endpoint: no public address comes to the provider', () => {
    expect(found([call({ door: door('not_applicable', { reason: 'private_endpoint' }) })])).toEqual([])
  })
})
