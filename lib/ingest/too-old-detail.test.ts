import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@/lib/model/units'
import { addRefused } from './reject-hints'
import { sortByTime } from './sort-by-time'
import { tooOldDetail } from './too-old-detail'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const CONTEXT = { nowMs: NOW, retentionMs: 3 * DAY_MS }

describe('a record that is too old', () => {
  it.each([
    [NOW - 393.4 * DAY_MS, 'it ended 393 d ago; live data go back 3 d'],
    [NOW - 73 * HOUR_MS, 'it ended 3 d ago; live data go back 3 d'],
    [0, 'it ended 20781 d ago; live data go back 3 d'],
  ])('is told its age and the horizon (%d)', (endMs, words) => {
    expect(tooOldDetail(endMs, CONTEXT)).toBe(words)
  })

  it('is told them in hours and minutes where the horizon is near', () => {
    expect(tooOldDetail(NOW - 61 * MINUTE_MS, { nowMs: NOW, retentionMs: HOUR_MS })).toBe(
      'it ended 61 min ago; live data go back 60 min',
    )
    expect(tooOldDetail(NOW - 30 * HOUR_MS, { nowMs: NOW, retentionMs: DAY_MS })).toBe(
      'it ended 30 h ago; live data go back 24 h',
    )
  })

  it('is told how to keep it, with the age of the first, however many there are', () => {
    const records = [5, 4, 1].map((days) => ({ startMs: NOW - days * DAY_MS, endMs: NOW - days * DAY_MS }))
    const sorted = sortByTime(records, (record) => record, { ...CONTEXT, dataset: '' })
    expect(sorted.inTime).toEqual([records[2]])
    const [group] = addRefused([], sorted, 'nat')
    expect(group).toMatchObject({ reason: 'too_old', count: 2, detail: 'it ended 5 d ago; live data go back 3 d' })
    expect(group?.hint).toMatch(/--dataset NAME.*\?dataset=NAME/)
  })

  it('is taken into a pinned dataset, whatever its age', () => {
    const record = { startMs: 0, endMs: 0 }
    expect(sortByTime([record], (one) => one, { ...CONTEXT, dataset: 'incident' })).toEqual({
      inTime: [record],
      refused: {},
      details: {},
    })
  })
})
