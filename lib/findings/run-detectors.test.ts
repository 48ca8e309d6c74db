import { describe, expect, it } from 'vitest'
import { DAY_MS } from '@/lib/model/units'
import type { ClusterDetector, ClusterFacts, Detection, DetectorNeed } from './facts'
import { LEARNING_MS } from './facts'
import { runDetectors } from './run-detectors'

const NOW = 1_790_000_000_000

const facts = (met: readonly DetectorNeed[], learningSinceMs?: number): ClusterFacts => ({
  dataset: '',
  cluster: 'prod-eu',
  nowMs: NOW,
  edges: [],
  workloads: [],
  names: [],
  volumes: new Map(),
  met: new Set(met),
  ...(learningSinceMs !== undefined && { learningSinceMs }),
  deniedProviders: new Set(),
  confirmedAllowLists: new Set(),
  allowLists: new Map(),
})
const detection = (parts: Partial<Detection> = {}): Detection => ({
  workload: 'agents/planner',
  target: 'OpenAI',
  severity: 'medium',
  certainty: 'fact',
  title: 'Denied.',
  facts: [],
  disproof: '',
  cause: 'c',
  edgeIds: [],
  shown: { kind: 'slots', slots: [{ startMs: NOW, count: 1 }], firstMs: NOW, lastMs: NOW },
  ...parts,
})
const detector = (parts: Partial<ClusterDetector> = {}, found: Detection = detection()): ClusterDetector => ({
  id: 'D5',
  name: 'First call to a provider',
  needs: ['flows', ['dns', 'addresses']],
  isLearning: false,
  detect: () => [found],
  ...parts,
})
const run = (one: ClusterDetector, of: ClusterFacts) => {
  const { detections, states } = runDetectors(of, [one])
  return { found: detections.get(one.id), state: states[0] }
}

describe('runDetectors', () => {
  it('one whose needs are met, any of a list, is on', () => {
    expect(run(detector(), facts(['flows', 'dns']))).toMatchObject({ found: [{}], state: { state: 'on', missing: [] } })
  })
  it('one with a need that nothing meets is off, says nothing, and what is missing stands in words', () => {
    expect(run(detector(), facts(['flows']))).toMatchObject({
      found: [],
      state: {
        state: 'off',
        missing: ['DNS answers or questions or flow records with server addresses or names'],
      },
    })
  })
  it('what is on record as proven is said although its source is silent now; what is only possible is not', () => {
    const total = { kind: 'total', count: 1, firstMs: NOW, lastMs: NOW } as const
    expect(run(detector({}, detection({ shown: total })), facts([])).found).toHaveLength(1)
    expect(run(detector({}, detection({ shown: total, certainty: 'possible' })), facts([])).found).toEqual([])
  })
  it('one that learns says nothing for the first seven days of a cluster, and tells until when', () => {
    const learning = detector({ isLearning: true })
    const since = NOW - 3 * DAY_MS
    const result = run(learning, facts(['flows', 'dns'], since))
    expect(result).toMatchObject({ state: { state: 'learning', untilMs: since + LEARNING_MS } })
    expect(result.found).toBeUndefined()
    expect(run(learning, facts(['flows', 'dns'], NOW - LEARNING_MS + 1)).found).toBeUndefined()
    expect(run(learning, facts(['flows', 'dns'], NOW - LEARNING_MS)).found).toHaveLength(1)
  })
  it('where nothing is remembered, one that learns goes on learning', () => {
    const { found, state } = run(detector({ isLearning: true }), facts(['flows', 'dns']))
    expect(found).toBeUndefined()
    expect(state).toMatchObject({ state: 'learning' })
    expect(state).not.toHaveProperty('untilMs')
  })
  it('one that throws is told as failed, and silences no other', () => {
    const bad = detector({
      id: 'D7',
      detect: () => {
        throw new Error('a defect')
      },
    })
    const { detections, states, failures } = runDetectors(facts(['flows', 'dns']), [bad, detector()])
    expect(states.map(({ state }) => state)).toEqual(['failed', 'on'])
    expect([...detections.keys()]).toEqual(['D5'])
    expect(failures).toMatchObject([{ detector: 'D7' }])
  })
})
