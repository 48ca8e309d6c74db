import { describe, expect, it } from 'vitest'
import { door, edge, facts, NOW, provider, workload } from './__fixtures__/cluster-facts'
import { d0 } from './d0-violation'
import type { EdgeFacts, Shown } from './facts'

const planner = workload('agents/planner')
const shown = (count: number, parts: Partial<Shown> = {}): Shown => ({
  count,
  firstMs: NOW - 9,
  lastMs: NOW - 5,
  ...parts,
})
const violating = (parts: Partial<EdgeFacts> = {}): EdgeFacts =>
  edge(planner, provider('openai'), {
    door: door('violation', { violatingIps: ['198.51.100.7'] }),
    violation: shown(3),
    mode: 'enforce',
    ...parts,
  })
const found = (...edges: EdgeFacts[]) => d0.detect(facts({ edges }))

describe('D0', () => {
  it('opens over a proven violation, critical, in the words of the edge’s door', () => {
    expect(found(violating())).toMatchObject([
      {
        workload: 'agents/planner',
        target: 'OpenAI (api.openai.com)',
        severity: 'critical',
        certainty: 'fact',
        title: 'agents/planner → OpenAI (api.openai.com) left by 198.51.100.7, not by nat-a (203.0.113.10).',
        cause: 'door:198.51.100.7',
        shown: { kind: 'total', count: 3 },
      },
    ])
  })

  it('is one finding for all addresses and ports of a host, with the count of all', () => {
    const other = violating({
      edgeId: 'other',
      server: provider('openai', {}, { endpointId: 'x:2', name: '104.18.7.1', label: '104.18.7.1' }),
      violation: shown(40, { lastMs: NOW, learnedMs: NOW + 1 }),
    })
    const detections = found(violating(), other)
    expect(detections).toHaveLength(1)
    expect(detections[0]?.shown).toEqual({
      kind: 'total',
      count: 43,
      firstMs: NOW - 9,
      lastMs: NOW,
      learnedMs: NOW + 1,
    })
    expect(detections[0]?.edgeIds).toEqual(['other', violating().edgeId])
  })

  it('keeps its target when the name of the server is less sure than it was', () => {
    const [sure] = found(violating())
    const [unsure] = found(violating({ server: provider('openai', { certain: false }) }))
    expect(unsure?.target).toBe(sure?.target)
  })

  it('keeps silent for a rule that only observes', () => {
    expect(found(violating({ mode: 'observe' }))).toEqual([])
  })

  it('keeps silent for doors that are not proven wrong', () => {
    for (const state of ['sanctioned', 'unverified', 'blocked', 'broken', 'no_rule'] as const)
      expect(found(violating({ door: door(state), violation: undefined }))).toEqual([])
  })

  it('is medium, and says so, where every violation is a startup race of the egress gateway', () => {
    const race = violating({ door: door('violation', { violatingIps: ['198.51.100.7'], startupRace: 3 }) })
    expect(found(race)).toMatchObject([{ severity: 'medium', title: expect.stringContaining('(startup race)') }])
  })

  it('stays critical where one violation is no startup race', () => {
    const race = violating({ door: door('violation', { violatingIps: ['198.51.100.7'], startupRace: 2 }) })
    expect(found(race)).toMatchObject([{ severity: 'critical', title: expect.not.stringContaining('race') }])
    const both = [violating({ door: door('violation', { startupRace: 3 }) }), violating({ edgeId: 'second' })]
    expect(found(...both)).toMatchObject([{ severity: 'critical' }])
  })

  it('has one cause for all workloads that left by the same address, and a refusal proves one without telling it', () => {
    const swapped = ['198.51.100.8', '198.51.100.7']
    const [one] = found(violating({ door: door('violation', { violatingIps: swapped }) }))
    const [two] = found(
      violating({ client: workload('ml/train'), door: door('violation', { violatingIps: [...swapped].reverse() }) }),
    )
    expect(one?.cause).toBe('door:198.51.100.7,198.51.100.8')
    expect(two?.cause).toBe(one?.cause)
    expect(found(violating({ door: door('violation') }))[0]?.cause).toBe('door:refused')
  })

  it('names several addresses in one order, in whatever order edges are given', () => {
    const [one, two] = [
      violating({ edgeId: 'a' }),
      violating({ edgeId: 'b', door: door('violation', { violatingIps: ['192.0.2.1'] }) }),
    ]
    expect(found(one, two)).toEqual(found(two, one))
    expect(found(one, two)[0]?.title).toContain('left by 198.51.100.7, 192.0.2.1')
  })

  it('is never disproved by later connections that leave rightly', () => {
    expect(d0.isDisproved).toBeUndefined()
  })
})
