import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NODE_ROOM, type Standing } from './free-space'
import { partId, placeNode } from './place-node'

const overlaps = (a: { x: number; y: number }, b: { x: number; y: number }) =>
  Math.abs(a.x - b.x) < NODE_ROOM.x && Math.abs(a.y - b.y) < NODE_ROOM.y

/** Nodes placed one after another, as a live graph grows. */
function grow(parents: readonly (string | undefined)[], links: readonly number[]): Standing[] {
  const standing: Standing[] = []
  for (const [index, parent] of parents.entries()) {
    const caller = standing[(links[index] ?? 0) % Math.max(1, standing.length)]
    const spot = placeNode({ ...(parent && { parent }) }, standing, { callers: caller ? [caller.at] : [], callees: [] })
    standing.push({ id: String(index), at: spot.at, ...(parent && { parent: partId(parent, spot.part) }) })
  }
  return standing
}

const graphs = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', undefined), fc.nat(50)), {
  minLength: 1,
  maxLength: 40,
})

describe('placeNode', () => {
  it('never puts a node onto another', () => {
    fc.assert(
      fc.property(graphs, (items) => {
        const standing = grow(
          items.map(([parent]) => parent),
          items.map(([, link]) => link),
        )
        for (const [index, a] of standing.entries())
          for (const b of standing.slice(index + 1)) expect(overlaps(a.at, b.at)).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  it('never lets a node stand inside the box of another namespace', () => {
    fc.assert(
      fc.property(graphs, (items) => {
        const standing = grow(
          items.map(([parent]) => parent),
          items.map(([, link]) => link),
        )
        for (const box of new Set(standing.flatMap(({ parent }) => parent ?? []))) {
          const inside = standing.filter((item) => item.parent === box)
          if (inside.length === 0) continue
          const [xs, ys] = [inside.map(({ at }) => at.x), inside.map(({ at }) => at.y)]
          for (const item of standing.filter(({ parent }) => parent !== box)) {
            const isInX = item.at.x > Math.min(...xs) && item.at.x < Math.max(...xs)
            const isInY = item.at.y > Math.min(...ys) && item.at.y < Math.max(...ys)
            expect(isInX && isInY).toBe(false)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  it('gives the same place for the same graph', () => {
    const standing = grow(['a', 'a', 'b', undefined], [0, 0, 1, 2])
    expect(grow(['a', 'a', 'b', undefined], [0, 0, 1, 2])).toEqual(standing)
  })

  it('puts a server right of its caller, and a newcomer beside its namespace', () => {
    const caller: Standing = { id: '1', parent: 'a', at: { x: 0, y: 0 } }
    const server = placeNode({}, [caller], { callers: [caller.at], callees: [] }).at
    expect(server.x).toBeGreaterThan(NODE_ROOM.x)
    const sibling = placeNode({ parent: 'a' }, [caller], { callers: [], callees: [] }).at
    expect(sibling.x).toBe(0)
    expect(sibling.y).toBeGreaterThanOrEqual(NODE_ROOM.y)
  })
})
