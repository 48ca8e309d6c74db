import { expect, it } from 'vitest'
import { mergeStretches } from './merge-stretches'

it('overlapping stretches of a key become one; those of other keys, and later ones, stay apart', () => {
  const items = [
    { key: 'a', id: 2, fromMs: 5, toMs: 9 },
    { key: 'a', id: 1, fromMs: 1, toMs: 6 },
    { key: 'a', id: 3, fromMs: 10, toMs: 12 },
    { key: 'b', id: 4, fromMs: 2, toMs: 3 },
  ]
  expect(mergeStretches(items, ({ key }) => key)).toEqual([
    { key: 'a', id: 1, fromMs: 1, toMs: 9, isSole: false },
    { key: 'b', id: 4, fromMs: 2, toMs: 3, isSole: true },
    { key: 'a', id: 3, fromMs: 10, toMs: 12, isSole: true },
  ])
})
