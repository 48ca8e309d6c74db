import { expect, it } from 'vitest'
import { found, lookText, moved, presetOf, readLook, toggled, USUAL_LOOK } from './column-prefs'
import { COLUMNS, PRESETS } from './flow-columns'

it('a look survives the browser; unknown columns fall away, and what is broken is the usual look', () => {
  const look = { columns: ['server', 'start'], density: 'normal' } as const
  expect(readLook(lookText(look))).toEqual(look)
  expect(readLook('{"columns":["server","gone","server",7,"__proto__"],"density":"huge"}')).toEqual({
    columns: ['server'],
    density: 'compact',
  })
  for (const text of [null, '', 'x', '[]', '{"columns":"start"}', '{"columns":[]}', 'null'])
    expect(readLook(text)).toEqual(USUAL_LOOK)
})

it('columns are shown, hidden and moved; the last one stays', () => {
  expect(toggled(['start'], 'server')).toEqual(['start', 'server'])
  expect(toggled(['start', 'server'], 'start')).toEqual(['server'])
  expect(toggled(['start'], 'start')).toEqual(['start'])
  expect(moved(['start', 'client', 'server'], 'server', 0)).toEqual(['server', 'start', 'client'])
  expect(moved(['start', 'client', 'server'], 'start', 9)).toEqual(['client', 'server', 'start'])
  expect(moved(['start', 'client'], 'start', -1)).toEqual(['start', 'client'])
  expect(moved(['start'], 'server', 0)).toEqual(['start'])
})

it('presets are of known columns, each once, and are known again by their columns', () => {
  for (const [name, columns] of Object.entries(PRESETS)) {
    expect(new Set(columns).size).toBe(columns.length)
    expect(presetOf(columns)).toBe(name)
  }
  expect(presetOf(['start'])).toBeUndefined()
  expect(new Set(COLUMNS.map(({ id }) => id)).size).toBe(COLUMNS.length)
})

it('the search finds columns by words of their name and group', () => {
  expect(found('client pod')).toEqual(['client_pod'])
  expect(found('')).toHaveLength(COLUMNS.length)
  expect(found('nothing like it')).toEqual([])
})
