import { describe, expect, it } from 'vitest'
import { edge, external, facts, known, MINUTE, NOW, OLD, provider, slot, workload } from './__fixtures__/cluster-facts'
import { d5 } from './d5-first-seen-provider'
import { type ClusterFacts, type EdgeFacts, LEARNING_MS } from './facts'

const planner = workload('agents/planner')
const FRESH = NOW - 30 * MINUTE
const call = (parts: Partial<EdgeFacts> = {}): EdgeFacts =>
  edge(planner, provider('openai'), { firstEverMs: FRESH, ...parts })
const found = (edges: EdgeFacts[], parts: Partial<ClusterFacts> = {}) =>
  d5.detect(facts({ edges, workloads: [known(planner)], ...parts }))

describe('D5', () => {
  it('opens, low, where a known workload reaches a provider that it never reached', () => {
    expect(found([call()])).toMatchObject([
      {
        workload: 'agents/planner',
        target: 'OpenAI',
        severity: 'low',
        certainty: 'fact',
        title: 'agents/planner reaches OpenAI for the first time.',
        cause: 'provider:openai',
      },
    ])
  })

  it('is medium where the provider is not approved', () => {
    expect(found([call()], { deniedProviders: new Set(['openai']) })).toMatchObject([{ severity: 'medium' }])
  })

  it('says "new workload", as information, where the workload was first seen in the same hour', () => {
    const workloads = [known(planner, { firstEverMs: FRESH - 59 * MINUTE })]
    expect(found([call()], { workloads })).toMatchObject([
      { severity: 'info', title: 'agents/planner, a new workload, reaches OpenAI for the first time.' },
    ])
    const hourOld = [known(planner, { firstEverMs: FRESH - 60 * MINUTE })]
    expect(found([call()], { workloads: hourOld })).toMatchObject([{ severity: 'low' }])
  })

  it('learns for seven days, and keeps silent where edges are not remembered', () => {
    expect(d5.isLearning).toBe(true)
    expect(found([call()], { learningSinceMs: NOW - LEARNING_MS + 1 })).toEqual([])
    expect(found([call()], { learningSinceMs: NOW - LEARNING_MS })).toHaveLength(1)
    expect(found([call()], { learningSinceMs: undefined })).toEqual([])
  })

  it('keeps silent where another host or address of the provider was reached before', () => {
    const other = call({ edgeId: 'other', server: provider('openai', { host: 'eu.api.openai.com' }), firstEverMs: OLD })
    expect(found([call(), other])).toEqual([])
    expect(found([call({ providerFirstEverMs: OLD })])).toEqual([])
  })

  it('does not take a new address of a provider for a new provider', () => {
    const server = provider('openai', {}, { name: '104.18.6.192', label: '104.18.6.192' })
    expect(found([call({ server })])).toEqual([])
    expect(found([call({ server, providerFirstEverMs: FRESH })])).toHaveLength(1)
  })

  it('is possible where the name is not certain, or only traces tell of it', () => {
    expect(found([call({ server: provider('openai', { certain: false }) })])).toMatchObject([{ certainty: 'possible' }])
    expect(found([call({ slots: [slot({ spans: 2 })] })])).toMatchObject([{ certainty: 'possible' }])
  })

  it('keeps silent for what was denied, for pages of vendors, and for others than providers', () => {
    expect(found([call({ slots: [slot({ denied: 2 })] })])).toEqual([])
    expect(found([call({ server: provider('openai', { role: 'ui' }) })])).toEqual([])
    expect(found([call({ server: external('example.com') })])).toEqual([])
  })
})
