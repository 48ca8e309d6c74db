import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawnEdge, drawnNode } from './__fixtures__/drawn'
import { componentsOf } from './components-of'
import type { GraphElement } from './elements'
import { packParts, type Size } from './pack-parts'

const node = (id: string, parent?: string) => drawnNode(id, parent === undefined ? {} : { parent })
const edge = (source: string, target: string) => drawnEdge(`${source}${target}`, source, target)
const ids = (parts: readonly GraphElement[][]) => parts.map((part) => part.map(({ id }) => id))

describe('parts of a drawing', () => {
  it('hold together what an edge or a box connects, and nothing else', () => {
    const box = { kind: 'box', id: 'box', label: 'box', short: 'box' } as const
    const elements = [box, node('a', 'box'), node('b', 'box'), node('c'), node('d'), edge('b', 'c')]
    expect(ids(componentsOf(elements))).toEqual([['box', 'a', 'b', 'c', 'bc'], ['d']])
  })

  it('are placed without overlap, and none is lost, whatever their sizes', () => {
    const side = fc.integer({ min: 1, max: 5000 })
    fc.assert(
      fc.property(fc.array(fc.record({ width: side, height: side }), { maxLength: 40 }), (sizes) => {
        const corners = packParts(sizes)
        expect(corners).toHaveLength(sizes.length)
        for (const [i, a] of corners.entries())
          for (const [j, b] of corners.entries()) if (i < j) expect(isApart(a, sizes[i], b, sizes[j])).toBe(true)
      }),
    )
  })

  it('fill a window: many equal ones do not stand in one column', () => {
    const corners = packParts(Array.from({ length: 12 }, () => ({ width: 300, height: 200 })))
    const [width, height] = [Math.max(...corners.map(({ x }) => x)) + 300, Math.max(...corners.map(({ y }) => y)) + 200]
    expect(width / height).toBeGreaterThan(1)
    expect(width / height).toBeLessThan(3)
  })

  it('go beside a large one where below it a window would show everything smaller', () => {
    const [large, small] = packParts([
      { width: 600, height: 330 },
      { width: 240, height: 160 },
    ])
    expect(large).toEqual({ x: 0, y: 0 })
    expect(small).toMatchObject({ y: 0 })
  })
})

function isApart(a: { x: number; y: number }, sa: Size | undefined, b: { x: number; y: number }, sb: Size | undefined) {
  if (!sa || !sb) return false
  return a.x + sa.width <= b.x || b.x + sb.width <= a.x || a.y + sa.height <= b.y || b.y + sb.height <= a.y
}
