import { describe, expect, it } from 'vitest'
import { edge, external, facts, known, MINUTE, NOW, provider, slot, workload } from './__fixtures__/cluster-facts'
import { d6 } from './d6-denied-egress'
import { type ClusterFacts, type EdgeFacts, LEARNING_MS } from './facts'

const planner = workload('agents/planner')
const FRESH = NOW - 30 * MINUTE
const denial = (parts: Partial<EdgeFacts> = {}): EdgeFacts =>
  edge(planner, provider('deepseek'), { slots: [slot({ denied: 400 })], ...parts })
const found = (edges: EdgeFacts[], parts: Partial<ClusterFacts> = {}) =>
  d6.detect(facts({ edges, workloads: [known(planner)], ...parts }))

describe('D6', () => {
  it('is information: a policy that does its work is no alarm', () => {
    expect(found([denial()])).toMatchObject([
      {
        severity: 'info',
        certainty: 'fact',
        title: 'A policy stopped agents/planner from reaching DeepSeek.',
        facts: ['400 denied attempts in 1 quarter of the last hour.', 'Nothing got through.'],
      },
    ])
  })

  it('counts retries of a quarter of an hour as one attempt', () => {
    expect(found([denial()])[0]?.shown).toMatchObject({ kind: 'slots', slots: [{ count: 1 }] })
  })

  it('is medium only where it repeats over the hour', () => {
    const over = (slots: number) => Array.from({ length: slots }, (_, ago) => slot({ denied: 1 }, ago))
    expect(found([denial({ slots: over(2) })])).toMatchObject([{ severity: 'info' }])
    expect(found([denial({ slots: over(3) })])).toMatchObject([
      { severity: 'medium', title: expect.stringContaining('and it keeps trying') },
    ])
  })

  it('is medium where the workload never called the provider before, once that is known', () => {
    expect(found([denial({ firstEverMs: FRESH })])).toMatchObject([{ severity: 'medium' }])
    expect(found([denial({ firstEverMs: FRESH })], { learningSinceMs: NOW - LEARNING_MS + 1 })).toMatchObject([
      { severity: 'info' },
    ])
    const workloads = [known(planner, { firstEverMs: FRESH })]
    expect(found([denial({ firstEverMs: FRESH })], { workloads })).toMatchObject([{ severity: 'info' }])
  })

  it('keeps silent for drops of other causes than policy, and for what passed', () => {
    expect(found([denial({ slots: [slot({ dropped: 3 })] })])).toEqual([])
    expect(found([denial({ slots: [slot({ passed: 3 })] })])).toEqual([])
    expect(found([denial({ server: external('example.com') })])).toEqual([])
  })

  it('tells of what got through beside it', () => {
    const through = edge(planner, provider('deepseek'), { edgeId: 'other' })
    expect(found([denial(), through])[0]?.facts[1]).toBe('3 connections to the provider got through all the same.')
  })

  it('is possible where the name is not certain', () => {
    expect(found([denial({ server: provider('deepseek', { certain: false }) })])).toMatchObject([
      { certainty: 'possible' },
    ])
  })
})
