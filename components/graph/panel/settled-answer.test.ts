import { describe, expect, it } from 'vitest'
import { settledAnswer } from './settled-answer'

const of = 'q'
const failed = { of, data: undefined, error: new Error('gone'), isPending: false }
const asking = { of, data: undefined, error: null, isPending: true }
const answered = { of, data: 1, error: null, isPending: false }

describe('an answer that is asked for again', () => {
  it('stays while the next is waited for, an error too', () => {
    const first = settledAnswer(undefined, failed)
    expect(first.error?.message).toBe('gone')
    expect(settledAnswer(first, asking)).toBe(first)
    const next = settledAnswer(first, answered)
    expect(next).toEqual({ of, data: 1, error: null })
    expect(settledAnswer(next, asking)).toBe(next)
  })

  it('keeps what was there beside the error of a later one', () => {
    const before = settledAnswer<number>(undefined, answered)
    expect(settledAnswer(before, { ...answered, error: failed.error })).toMatchObject({ data: 1, error: failed.error })
  })

  it('is never that of another question', () => {
    const before = settledAnswer<number>(undefined, answered)
    expect(settledAnswer(before, { ...asking, of: 'other' })).toEqual({ of: 'other', data: undefined, error: null })
  })

  it('is the same object where nothing differs', () => {
    const before = settledAnswer<number>(undefined, answered)
    expect(settledAnswer(before, answered)).toBe(before)
  })
})
