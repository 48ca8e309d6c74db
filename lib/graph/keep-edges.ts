import { type CompiledFilter, compileFilter } from '@/lib/filter/evaluate'
import { splitHops } from '@/lib/filter/focus-text'
import { endOfNode, linkOfEdge } from '@/lib/filter/graph-matchable'
import { compileChips } from '@/lib/filter/match-chips'
import type { MatchableEnd } from '@/lib/filter/matchable'
import { type AskedOf, readFilter } from '@/lib/filter/read-filter'
import type { GraphEdge, GraphNode, GraphQuery } from '@/lib/model/graph'

type Keep = (edge: GraphEdge) => boolean

/**
 * Which edges a view's chips, `hide` and `focus` leave of these. Hidden is what matches `hide`, with the edges of matching nodes;
 * `focus` then keeps what matches it and so many hops around, over what is left. Expressions that cannot be read keep everything:
 * a broken link shows too much, never nothing. Linear in nodes and edges. `isCompared`: the edges say how they differ from another window.
 */
export function keptBy(
  query: Pick<GraphQuery, 'chips' | 'isBothWays' | 'hide' | 'focus'>,
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  isCompared = false,
): Keep {
  const chips = query.chips ?? []
  if (chips.length === 0 && !query.hide && !query.focus) return () => true
  const ends = new Map(nodes.map((node) => [node.id, endOfNode(node)]))
  const holds = compileChips(chips, query.isBothWays ?? false)
  const isHidden = hiddenBy(query.hide ?? '', ends, { isCompared })
  const left = edges.filter((edge) => !isHidden(edge) && holds(linkOfEdge(edge, ends)))
  const kept = new Set(query.focus ? focused(query.focus, left, ends, { isCompared }) : left)
  return (edge) => kept.has(edge)
}

type Ends = ReadonlyMap<string, MatchableEnd>

const matchingEnds = (filter: CompiledFilter, ends: Ends): ReadonlySet<string> =>
  new Set([...ends].flatMap(([id, end]) => (filter.matchesEnd(end) ? [id] : [])))

/** An expression that asks only about nodes takes nodes away, and with them their edges; any other takes edges. */
function hiddenBy(text: string, ends: Ends, asked: AskedOf): Keep {
  const { ast } = readFilter(text, asked)
  if (!ast) return () => false
  const filter = compileFilter(ast)
  if (filter.subject === 'link') return (edge) => filter.matches(linkOfEdge(edge, ends))
  const gone = matchingEnds(filter, ends)
  return (edge) => gone.has(edge.client) || gone.has(edge.server)
}

/** The hops of a matching node are its edges, then those of its neighbours, …; of a matching edge, itself, then those of its ends. */
function focused(text: string, edges: readonly GraphEdge[], ends: Ends, asked: AskedOf): readonly GraphEdge[] {
  const { expression, hops } = splitHops(text)
  const { ast } = readFilter(expression, asked)
  if (!ast) return edges
  const filter = compileFilter(ast)
  if (filter.subject === 'link') {
    const matching = edges.filter((edge) => filter.matches(linkOfEdge(edge, ends)))
    const seeds = new Set(matching.flatMap((edge) => [edge.client, edge.server]))
    const near = new Set([...matching, ...around(seeds, edges, Math.max(0, hops - 1))])
    return edges.filter((edge) => near.has(edge))
  }
  const seeds = matchingEnds(filter, ends)
  const between = (edge: GraphEdge) => seeds.has(edge.client) && seeds.has(edge.server)
  return hops === 0 ? edges.filter(between) : around(seeds, edges, hops)
}

/** Edges of which an end is nearer than so many hops to one of the nodes. */
function around(seeds: ReadonlySet<string>, edges: readonly GraphEdge[], hops: number): readonly GraphEdge[] {
  const near = new Set(seeds)
  for (let hop = 1; hop < hops; hop += 1) {
    const reached = edges.filter((edge) => near.has(edge.client) || near.has(edge.server))
    for (const edge of reached) near.add(edge.client).add(edge.server)
  }
  return hops === 0 ? [] : edges.filter((edge) => near.has(edge.client) || near.has(edge.server))
}
