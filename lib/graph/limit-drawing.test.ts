import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { graphs } from './__fixtures__/graphs'
import { groupGraph } from './group-graph'
import { type Candidate, keepWithin, limitDrawing } from './limit-drawing'
import { isNeverHidden } from './needs-person'

const candidates: fc.Arbitrary<Candidate[]> = fc
  .array(
    fc.record({
      ends: fc.tuple(fc.nat(12).map(String), fc.nat(12).map(String)),
      isLine: fc.boolean(),
      isNeeded: fc.integer({ min: 0, max: 5 }).map((roll) => roll === 0),
      volume: fc.nat(40),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map(({ ends: [a, b], isLine, ...rest }, at) => ({
      id: `c${at}`,
      ends: [a, isLine ? b : a] as const,
      isLine,
      ...rest,
    })),
  )
const limits = fc.record({ nodes: fc.integer({ min: 1, max: 14 }), edges: fc.integer({ min: 0, max: 30 }) })

const nodesOf = (kept: Iterable<Candidate>) => new Set([...kept].flatMap(({ ends }) => ends))
const linesOf = (kept: Iterable<Candidate>) => [...kept].filter(({ isLine }) => isLine).length

describe('what there is room for', () => {
  it('is all that is needed, and of the rest as much as the limit leaves', () => {
    fc.assert(
      fc.property(candidates, limits, (all, limit) => {
        const kept = keepWithin(all, limit)
        const needed = all.filter(({ isNeeded }) => isNeeded)
        for (const one of needed) expect(kept.has(one)).toBe(true)
        expect(nodesOf(kept).size).toBeLessThanOrEqual(Math.max(limit.nodes, nodesOf(needed).size))
        expect(linesOf(kept)).toBeLessThanOrEqual(Math.max(limit.edges, linesOf(needed)))
      }),
    )
  })

  it('leaves out nothing for which there is a node already and a line to spare, and no node for a quieter one', () => {
    fc.assert(
      fc.property(candidates, limits, (all, limit) => {
        const kept = keepWithin(all, limit)
        const nodes = nodesOf(kept)
        const isFree = linesOf(kept) < limit.edges
        for (const one of all) {
          if (kept.has(one) || (one.isLine && !isFree)) continue
          expect(one.ends.every((end) => nodes.has(end))).toBe(false)
        }
      }),
    )
  })

  it('does not depend on the order in which it is asked', () => {
    fc.assert(
      fc.property(candidates, limits, (all, limit) => {
        const idsOf = (kept: ReadonlySet<Candidate>) => [...kept].map(({ id }) => id).sort()
        expect(idsOf(keepWithin([...all].reverse(), limit))).toEqual(idsOf(keepWithin(all, limit)))
      }),
    )
  })

  it('of a drawing: every edge is drawn, within a drawn group, or left out, and none that is never hidden is left out', () => {
    fc.assert(
      fc.property(graphs, limits, (graph, limit) => {
        const rule = { level: 'namespace', expanded: new Set<string>(), isOutsideGrouped: true } as const
        const { drawn, inner, endOf, nodesOf: drawnNodes } = groupGraph(graph.nodes, graph.edges, rule)
        const limited = limitDrawing(drawn, inner, endOf, limit)
        const found = [...limited.drawn.flatMap(({ members }) => members), ...limited.inner, ...limited.cut]
        expect(found.map(({ id }) => id).sort()).toEqual(graph.edges.map(({ id }) => id).sort())
        expect(limited.cut.filter(isNeverHidden)).toEqual([])
        const needed = graph.edges.filter(isNeverHidden).flatMap(({ client, server }) => [endOf(client), endOf(server)])
        expect(drawnNodes(limited.drawn, limited.inner).length).toBeLessThanOrEqual(
          Math.max(limit.nodes, new Set(needed).size),
        )
      }),
    )
  })
})
