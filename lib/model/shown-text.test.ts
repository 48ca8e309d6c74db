import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointLabel } from './endpoint'
import { isSeen, isShowable, seenJson, shownText } from './shown-text'

describe('a name from outside', () => {
  it.each([
    ['shop / cart', 'shop / cart'],
    ['名前', '名前'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['a\u202edekcolb', 'a⟨U+202E⟩dekcolb'],
    ['pay\u200bments', 'pay⟨U+200B⟩ments'],
    ['a\nDenied', 'a⟨U+000A⟩Denied'],
    ['tag\u{e0041}', 'tag⟨U+E0041⟩'],
    ['half\ud800', 'half⟨U+D800⟩'],
  ])('%j stands in a sentence as %j', (name, shown) => {
    expect(shownText(name)).toBe(shown)
  })

  it('turns, breaks and hides nothing of what stands around it, and two that differ look different', () => {
    const names = fc.array(fc.constantFrom('a', 'shop', '\u202e', '\u2066', '\u200b', '\u2060', '\n', '\u2028'))
    fc.assert(
      fc.property(names, names, (one, other) => {
        const [a, b] = [one.join(''), other.join('')]
        expect(isShowable(shownText(a))).toBe(true)
        expect(shownText(a) === shownText(b)).toBe(a === b)
      }),
    )
  })

  it('is shown so as an endpoint, whatever its class', () => {
    for (const of of ['workload', 'network-set', 'external', 'database', 'local', 'caller', 'claimed'] as const)
      expect(endpointLabel({ class: of, namespace: '', name: 'x\u202ey' })).toContain('x⟨U+202E⟩y')
  })
})

it('JSON shows what nobody sees as escapes, and stays the same JSON', () => {
  const value = { name: 'ev\u202eil\u200bname', tag: '\u{e0041}', lines: ['a', 'b'] }
  const shown = seenJson(JSON.stringify(value, null, 2))
  expect(shown).toContain('"ev\\u202eil\\u200bname"')
  expect(shown.split('\n')).toHaveLength(8)
  expect(JSON.parse(shown)).toEqual(value)
})

it('a name of nothing but blanks and characters without a look cannot be seen', () => {
  for (const name of ['', ' ', '\u200b', '\u00a0\u2060', '\u0301']) expect(isSeen(name)).toBe(false)
  for (const name of ['a', '7', '!', '✓', '監視', 'הכל']) expect(isSeen(name)).toBe(true)
})
