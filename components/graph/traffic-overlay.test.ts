import { describe, expect, it } from 'vitest'
import type { EdgeElement } from './elements'
import { marksOf, trackOf } from './traffic-overlay'

const LINE = [
  { x: 0, y: 0 },
  { x: 100, y: 0 },
]
const edge = (part: Partial<EdgeElement>): EdgeElement => ({
  kind: 'edge',
  id: 'e1',
  source: '1',
  target: '2',
  state: 'allowed_by_policy',
  label: '',
  isProblem: false,
  volume: 1,
  rate: 2,
  isBundle: false,
  change: '',
  lane: 0,
  ...part,
})
const marksAt = (part: Partial<EdgeElement>, ms: number) => {
  const track = trackOf(edge(part), LINE)
  return track ? marksOf(track, ms) : []
}

describe('traffic on an edge', () => {
  it('is denser where more is on its way, in steps; where nothing is, nothing moves', () => {
    expect([0, 1, 2, 3].map((rate) => marksAt({ rate: rate as EdgeElement['rate'] }, 0).length)).toEqual([0, 1, 2, 4])
  })

  it('goes from client to server, and what is refused has another shape and does not arrive', () => {
    const xs = [0, 300, 600].map((ms) => marksAt({ rate: 1 }, ms)[0]?.at.x ?? Number.NaN)
    expect(xs[0]).toBeLessThan(xs[1] ?? 0)
    expect(xs[1]).toBeLessThan(xs[2] ?? 0)
    for (let ms = 0; ms < 4000; ms += 50)
      for (const mark of marksAt({ state: 'denied_no_rule', rate: 3 }, ms)) {
        expect(mark.isCross).toBe(true)
        expect(mark.at.x).toBeLessThan(70)
      }
    expect(marksAt({ rate: 3 }, 100).some(({ isCross }) => isCross)).toBe(false)
  })

  it('of a mixed edge both shapes are on their way', () => {
    expect(new Set(marksAt({ state: 'mixed', rate: 2 }, 10).map(({ isCross }) => isCross)).size).toBe(2)
  })
})
