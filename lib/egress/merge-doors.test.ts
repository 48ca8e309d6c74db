import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DOOR_STATES } from '@/lib/model/egress'
import { mergeDoors } from '@/lib/model/merge-doors'
import { summariseDoor, type WeightedJudgement } from './summarise-door'

const rows: fc.Arbitrary<WeightedJudgement[]> = fc.array(
  fc
    .record({
      state: fc.constantFrom(...DOOR_STATES),
      weight: fc.integer({ min: 1, max: 50 }),
      lean: fc.constantFrom('none', 'likely_ok', 'likely_violation' as const),
      observedIp: fc.option(fc.constantFrom('198.51.100.7', '203.0.113.10'), { nil: undefined }),
    })
    .map(({ state, weight, lean, observedIp }) => ({
      weight,
      judgement: {
        state,
        lean: state === 'unverified' ? lean : ('none' as const),
        ...(state === 'unverified' && { reason: 'no_nat_evidence' as const }),
        ...(observedIp && { observedIp }),
      },
    })),
  { minLength: 1, maxLength: 4 },
)
const edges = fc.array(rows, { minLength: 1, maxLength: 5 })

describe('the door of several edges', () => {
  it('is that of all their judgements by the law of one door, with sums, whatever the order', () => {
    fc.assert(
      fc.property(edges, (parts) => {
        const doors = parts.map((part) => summariseDoor(part, 0))
        const merged = mergeDoors(doors)
        const { state, lean, counts } = summariseDoor(parts.flat(), 0)
        expect(merged).toMatchObject({ state, lean, counts })
        expect(mergeDoors([...doors].reverse())).toEqual(merged)
      }),
    )
  })

  it('is sanctioned only where all parts that were to be judged are, though their sum would be within the tolerance', () => {
    const doors = [
      summariseDoor([{ weight: 1000, judgement: { state: 'sanctioned', lean: 'none' } }]),
      summariseDoor([{ weight: 1, judgement: { state: 'unverified', lean: 'none', reason: 'partial_hop' } }]),
    ]
    expect(mergeDoors(doors)).toMatchObject({ state: 'unverified', reason: 'partial_coverage' })
  })

  it('of one edge is its own, and of none there is none', () => {
    const door = summariseDoor([{ weight: 3, judgement: { state: 'violation', lean: 'none' } }])
    expect(mergeDoors([door])).toEqual(door)
    expect(mergeDoors([])).toBeUndefined()
  })
})
