import { describe, expect, it } from 'vitest'
import { parseFilter } from './parse'
import { noticeOf, readFilter } from './read-filter'

const alone = { isCompared: false }
const said = (text: string, asked = alone): string => {
  const { error } = readFilter(text, asked)
  return error ? `${error.start}-${error.end}: ${error.message}` : 'no error'
}

describe('an expression that asks what changed', () => {
  it.each([
    ['change = added', '0-14'],
    ['has change', '0-10'],
    ['ns = a and not (port = 1 or no change)', '28-37'],
    ['ns = a or change in (added, verdict)', '10-36'],
  ])('where nothing is compared is an error at what asks: %s', (text, place) => {
    expect(said(text)).toBe(`${place}: nothing is compared: “change” is of two windows, choose Compare at the timeline`)
    expect(readFilter(text, alone).error?.needs).toBe('comparison')
  })

  it('between two windows is read as it is written', () => {
    for (const text of ['change = added', 'no change', 'not (has change and ns = a)'])
      expect(readFilter(text, { isCompared: true })).toEqual(parseFilter(text))
  })

  it('is told from one that only has the word in a value, and from one that cannot be read at all', () => {
    expect(said('change')).toBe('no error')
    expect(said('policy = change')).toBe('no error')
    expect(readFilter('change = ', alone).error).toEqual(parseFilter('change = ').error)
  })
})

describe('an expression that asks what is new', () => {
  const notice = (text: string, newUnknownIn: readonly string[]) =>
    noticeOf(parseFilter(text).ast, { isCompared: false, newUnknownIn })

  it('says in which clusters nobody knows, under what asks', () => {
    expect(notice('port = 1 and is new', ['prod'])).toEqual({
      start: 13,
      end: 19,
      message: 'what is new in prod is not known: nothing is remembered from before this window',
    })
    expect(notice('no newcomer', [''])?.message).toContain('in the cluster without a name is')
    expect(notice('is src.newcomer', ['a', 'b', 'c', 'd', 'e'])?.message).toContain('in a, b, c and 2 more is')
  })

  it('says nothing where all is known, or nothing new is asked for', () => {
    expect(notice('is new', [])).toBeUndefined()
    expect(notice('new and is ai', ['prod'])).toBeUndefined()
    expect(noticeOf(undefined, { isCompared: false, newUnknownIn: ['prod'] })).toBeUndefined()
  })
})
