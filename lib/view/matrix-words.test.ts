import { describe, expect, it } from 'vitest'
import { DOOR_STATES, type DoorState } from '@/lib/model/egress'
import type { MatrixCell, MatrixDoor } from '@/lib/model/matrix'
import { CELL_WORD, cellLabel, cellNote, changeWords, doorCounts, shareWords } from './matrix-words'

const NO_COUNTS = { violation: 0, sanctioned: 0, unverified: 0, blocked: 0, broken: 0, not_applicable: 0, no_rule: 0 }
const door = (name: string, part: Partial<MatrixDoor>): MatrixDoor => ({
  door: name,
  isPoint: true,
  addresses: [],
  sanctioned: 0,
  violation: 0,
  seen: 0,
  ...part,
})
const cell = (state: DoorState, part: Partial<MatrixCell> = {}): MatrixCell => ({
  row: '1',
  column: 'openai',
  state,
  lean: 'none',
  counts: { ...NO_COUNTS, [state]: 3 },
  doors: [],
  doorsTotal: 0,
  unverified: [],
  ...part,
})

describe('the words of a cell', () => {
  it('a violation names the wrong door, not the heavier right one', () => {
    const doors = [door('198.51.100.7', { violation: 3 }), door('nat-a', { sanctioned: 120 })]
    expect(cellNote(cell('violation', { doors, doorsTotal: 2 }))).toBe('3 by 198.51.100.7')
  })
  it('what is unverified says why, and where it leans', () => {
    expect(cellNote(cell('unverified', { reason: 'partial_hop', lean: 'likely_violation' }))).toBe(
      'inner hop only, likely wrong',
    )
  })
  it('several doors are counted', () => {
    const doors = [door('nat-a', { sanctioned: 2 }), door('nat-b', { sanctioned: 1 })]
    expect(cellNote(cell('sanctioned', { doors, doorsTotal: 9 }))).toBe('by nat-a +8')
  })
  it.each(DOOR_STATES)('%s has a word, and a label that a reader without eyes can use', (state) => {
    const row = {
      id: '1',
      cluster: 'c',
      namespace: 'ml',
      name: 'agent',
      label: 'ml / agent',
      share: { proven: 0, left: 0 },
    }
    const column = { id: 'openai', name: 'OpenAI', hosts: [], hostsTotal: 0, share: { proven: 0, left: 0 } }
    expect(cellLabel(cell(state), row, column)).toMatch(
      new RegExp(`^ml / agent to OpenAI: ${CELL_WORD[state]}.*, 3 connections$`),
    )
  })
  it('a share of nothing is no share', () => {
    expect(shareWords({ proven: 0, left: 0 })).toBe('–')
    expect(shareWords({ proven: 0, left: 3 })).toBe('0 %')
    // Never rounded up to all.
    expect(shareWords({ proven: 999, left: 1000 })).toBe('99 %')
  })
  it('doors tell what is proven apart from what is only seen', () => {
    expect(doorCounts(door('nat-a', { sanctioned: 2, seen: 5 }))).toBe('2 proven sanctioned, 5 seen, not proven')
  })
  it('a change says what was thought before', () => {
    expect(
      changeWords({
        atMs: 0,
        from: { state: 'unverified', reason: 'no_nat_evidence' },
        to: { state: 'sanctioned' },
        connections: 1,
      }),
    ).toBe('1 connection: Unverified (no NAT log speaks of these connections) → Sanctioned')
  })
})
