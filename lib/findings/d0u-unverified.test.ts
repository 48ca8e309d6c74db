import { describe, expect, it } from 'vitest'
import { door, edge, facts, NOW, provider, workload } from './__fixtures__/cluster-facts'
import { d0u } from './d0u-unverified'
import type { EdgeFacts } from './facts'

const planner = workload('agents/planner')
const TARGET = 'OpenAI (api.openai.com)'
const open = (parts: Partial<EdgeFacts> = {}): EdgeFacts =>
  edge(planner, provider('openai'), {
    door: door('unverified', { reason: 'no_nat_evidence' }),
    unverified: { count: 7, firstMs: NOW - 9, lastMs: NOW - 5 },
    mode: 'enforce',
    ...parts,
  })
const found = (...edges: EdgeFacts[]) => d0u.detect(facts({ edges }))
const isDisproved = (...edges: EdgeFacts[]) =>
  d0u.isDisproved?.({ workload: 'agents/planner', target: TARGET }, facts({ edges }))

describe('D0u', () => {
  it('opens over unverified egress, as information, with the reason', () => {
    expect(found(open())).toMatchObject([
      {
        severity: 'info',
        certainty: 'possible',
        title: `agents/planner → ${TARGET}: by which address it leaves is not verified, because no NAT evidence was received for it.`,
        cause: 'unverified:no_nat_evidence',
        shown: { kind: 'total', count: 7 },
      },
    ])
  })

  it('is low, and never more, where records lean to a violation', () => {
    const accused = open({ door: door('unverified', { reason: 'partial_hop', lean: 'likely_violation' }) })
    expect(found(accused)).toMatchObject([
      { severity: 'low', title: expect.stringContaining('It is likely a violation.') },
    ])
    expect(found(open({ edgeId: 'z', unverified: { count: 900, firstMs: 1, lastMs: 2 } }), accused)).toMatchObject([
      { severity: 'low', shown: { count: 907 } },
    ])
  })

  it('keeps silent for a rule that only observes, and for doors that are proven', () => {
    expect(found(open({ mode: 'observe' }))).toEqual([])
    expect(found(open({ door: door('violation') }))).toEqual([])
    expect(found(open({ door: door('sanctioned') }))).toEqual([])
    expect(found(open({ unverified: undefined }))).toEqual([])
  })

  it('is disproved once every judged edge of the pair is proven, one way or the other', () => {
    expect(isDisproved(open({ door: door('sanctioned') }))).toBe(true)
    expect(isDisproved(open({ door: door('violation') }))).toBe(true)
    expect(isDisproved(open({ door: door('sanctioned') }), open())).toBe(false)
    expect(isDisproved(open({ door: door('no_rule') }))).toBe(false)
    expect(isDisproved()).toBe(false)
  })
})
