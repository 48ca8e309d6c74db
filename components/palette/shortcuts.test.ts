import { describe, expect, it } from 'vitest'
import { SHORTCUTS, shortcutOf } from './shortcuts'

const press = (key: string, change = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...change })
const FREE = { isWriting: false, isPressing: false }

describe('shortcuts', () => {
  it('each has a key, a word and an id of its own', () => {
    expect(new Set(SHORTCUTS.map(({ id }) => id)).size).toBe(SHORTCUTS.length)
    expect(new Set(SHORTCUTS.map((one) => `${'isChord' in one} ${'isShifted' in one} ${one.key}`)).size).toBe(
      SHORTCUTS.length,
    )
    for (const { key, does, shown } of SHORTCUTS) {
      expect(key).toBe(key.toLowerCase())
      expect(does && shown).not.toBe('')
    }
  })

  it('every key of the table is found by its press, and nothing else is', () => {
    for (const one of SHORTCUTS) {
      const isChord = 'isChord' in one
      const key = 'isShifted' in one ? one.key.toUpperCase() : one.key
      expect(shortcutOf(press(key, { ctrlKey: isChord }), FREE, false)).toBe(one.id)
      expect(shortcutOf(press(key, { ctrlKey: !isChord }), FREE, false)).toBeUndefined()
      expect(shortcutOf(press(key, { altKey: true }), FREE, false)).toBeUndefined()
    }
    expect(shortcutOf(press('z'), FREE, false)).toBeUndefined()
    // With the caps lock on, a key that Shift does not change means the same.
    expect(shortcutOf(press('T'), FREE, false)).toBe('table')
  })

  it('single keys are off while somebody writes, and once they are switched off; Ctrl K and Cmd K never are', () => {
    for (const one of SHORTCUTS.filter((each) => !('isChord' in each))) {
      expect(shortcutOf(press(one.key), { isWriting: true, isPressing: false }, false)).toBeUndefined()
      expect(shortcutOf(press(one.key), FREE, true)).toBeUndefined()
    }
    expect(shortcutOf(press('K', { metaKey: true }), { isWriting: true, isPressing: true }, true)).toBe('palette')
  })

  it('Space and arrows are left to what has the focus', () => {
    const onButton = { isWriting: false, isPressing: true }
    for (const key of [' ', 'ArrowLeft', 'ArrowRight']) expect(shortcutOf(press(key), onButton, false)).toBeUndefined()
    expect(shortcutOf(press('t'), onButton, false)).toBe('table')
  })
})
