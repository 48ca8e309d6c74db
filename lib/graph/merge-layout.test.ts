import { describe, expect, it } from 'vitest'
import type { GraphLayout } from '@/lib/model/graph-layout'
import { LIMITS } from '@/lib/model/limits'
import { mergeLayout } from './merge-layout'

const layout = (nodes: GraphLayout['nodes'], routes: GraphLayout['routes'] = []): GraphLayout => ({ nodes, routes })
const STORED = layout(
  [
    ['1', 10, 10],
    ['2', 20, 20],
  ],
  [['7', [10, 10, 20, 20, 15, 15]]],
)

describe('places of a view', () => {
  it('of two first visitors the one who comes second takes what the first laid out, whole', () => {
    const mine = layout([
      ['1', 99, 99],
      ['3', 30, 30],
    ])
    const first = mergeLayout(undefined, 'first', mine)
    expect(first).toEqual(mine)
    expect(mergeLayout(first, 'first', STORED)).toEqual(mine)
  })

  it('a node that came since gets its place once; whoever tells of it later does not move it', () => {
    const once = mergeLayout(STORED, 'new', layout([['3', 30, 30]]))
    const twice = mergeLayout(
      once,
      'new',
      layout([
        ['3', 77, 77],
        ['1', 0, 0],
      ]),
    )
    expect(Object.fromEntries(twice.nodes.map(([id, x]) => [id, x]))).toEqual({ '1': 10, '2': 20, '3': 30 })
    expect(twice.routes).toEqual(STORED.routes)
  })

  it('what a person moved replaces that node alone', () => {
    const merged = mergeLayout(STORED, 'moved', layout([['1', 5, 6]]))
    expect(new Map(merged.nodes.map(([id, x, y]) => [id, [x, y]]))).toEqual(
      new Map([
        ['2', [20, 20]],
        ['1', [5, 6]],
      ]),
    )
  })

  it('however many pods come and go, the places told last stay and the number is bounded', () => {
    let merged: GraphLayout | undefined
    for (let round = 0; round < 8; round += 1)
      merged = mergeLayout(
        merged,
        'new',
        layout([
          ['-1', 1, 1],
          ...Array.from({ length: 999 }, (_, at) => [String(round * 1000 + at), at, round] as const),
        ]),
      )
    expect(merged?.nodes.length).toBe(LIMITS.layoutNodes)
    expect(merged?.nodes.some(([id]) => id === '-1')).toBe(true)
    expect(merged?.nodes.at(-1)?.[0]).toBe('7998')
  })
})
