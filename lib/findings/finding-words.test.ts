import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesWords, listed, sentence, spoken, times } from './finding-words'

/** Any code points, lone surrogates too. */
const anyText = (sizes: { readonly minLength?: number; readonly maxLength: number }) =>
  fc.array(fc.nat({ max: 0x10ffff }), sizes).map((points) => String.fromCodePoint(...points))

describe('names in sentences', () => {
  it('carry no hidden characters, and are at most 80 code points', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 400 }), (name) => {
        const said = spoken(name)
        expect(said).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        expect([...said].length).toBeLessThanOrEqual(80)
        expect(said).not.toBe('')
      }),
    )
  })

  it('cannot turn the reading order round, nor end the line', () => {
    expect(spoken('a\u202Eb\u2066c\n\u0000d')).toBe('abcd')
    expect(spoken('\u200B')).toBe('unnamed')
  })

  it('of ordinary length stay as they are', () => {
    expect(spoken('agents/planner')).toBe('agents/planner')
    expect(spoken(`${'é'.repeat(81)}`)).toBe(`${'é'.repeat(79)}…`)
  })

  it('are listed each once, three at most', () => {
    expect(listed(['b', 'a', 'b'])).toBe('a, b')
    expect(listed(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more')
  })
})

describe('sentences', () => {
  it('are at most 300 units, and never end in half a character', () => {
    fc.assert(
      fc.property(anyText({ minLength: 250, maxLength: 500 }), (text) => {
        const said = sentence(text)
        expect(said.length).toBeLessThanOrEqual(300)
        expect(said).not.toMatch(/\p{Cs}/u)
      }),
    )
    expect(sentence(`${'a'.repeat(298)}😀😀`)).toBe(`${'a'.repeat(298)}…`)
  })

  it('count one as one', () => {
    expect([times(1, 'call'), times(2, 'call')]).toEqual(['1 call', '2 calls'])
    expect([bytesWords(1_500), bytesWords(51_000_000), bytesWords(2_340_000_000)]).toEqual(['2 kB', '51 MB', '2.3 GB'])
  })
})
