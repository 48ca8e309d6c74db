import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesCalicoSelector } from './calico-selector'
import type { KnownLabels } from './known-labels'

const complete: KnownLabels = { values: { app: 'web', tier: 'front-end', 'a.b/c': '' }, isComplete: true }

describe('selectors of Calico', () => {
  it.each([
    ['', true],
    ['  ', true],
    ['all()', true],
    ['global()', false],
    ['has(app)', true],
    ['has(none)', false],
    ['!has(none)', true],
    ["app == 'web'", true],
    ['app == "web"', true],
    ["app=='db'", false],
    ["app != 'db'", true],
    ["none != 'db'", true],
    ["none == 'db'", false],
    ["app in { 'db', 'web' }", true],
    ['app in {}', false],
    ["app not in { 'db' }", true],
    ["none not in {'db'}", true],
    ["tier contains 'nt-e'", true],
    ["tier starts with 'front'", true],
    ["tier ends with 'front'", false],
    ["none starts with 'x' || app == 'web'", true],
    ["none == 'x' && app == 'web'", false],
    ["has(a.b/c) && a.b/c == ''", true],
    ["!(app == 'web') || all()", true],
    ['!!has(app)', true],
    ["app == 'db' && none == 'x' || tier == 'front-end'", true],
    ["app == 'db' && (none == 'x' || tier == 'front-end')", false],
  ])('%j → %s', (selector, holds) => {
    expect(matchesCalicoSelector(selector, complete)).toBe(holds)
  })

  it.each([
    'app ==',
    "app = 'web'",
    'all(',
    'all() all()',
    "app == 'web",
    'nothing()',
    'app in { web }',
    '((',
    '&& all()',
    '\u0000',
  ])('one that cannot be read is not known to hold: %j', (selector) => {
    expect(matchesCalicoSelector(selector, complete)).toBeUndefined()
  })

  it('a label that may merely not be told leaves it open, unless the rest decides', () => {
    const partly: KnownLabels = { values: { app: 'web' }, isComplete: false }
    expect(matchesCalicoSelector('has(other)', partly)).toBeUndefined()
    expect(matchesCalicoSelector("other != 'x'", partly)).toBeUndefined()
    expect(matchesCalicoSelector("has(other) || app == 'web'", partly)).toBe(true)
    expect(matchesCalicoSelector("has(other) && app == 'db'", partly)).toBe(false)
  })

  it('hostile text never throws, and deep nesting is not read', () => {
    expect(matchesCalicoSelector(`${'('.repeat(4000)}all()${')'.repeat(4000)}`, complete)).toBeUndefined()
    expect(matchesCalicoSelector(`${'!'.repeat(8000)}all()`, complete)).toBe(true)
    expect(matchesCalicoSelector("__proto__ == 'x' || has(constructor)", complete)).toBe(false)
    fc.assert(
      fc.property(fc.string({ maxLength: 60, unit: fc.constantFrom(...'ab!&|()=\'"{}, hasinot') }), (text) => {
        expect([true, false, undefined]).toContain(matchesCalicoSelector(text, complete))
      }),
    )
  })
})
