import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import { compileFilter } from './evaluate'
import { endOfNode, linkOfEdge } from './graph-matchable'
import { readFilter } from './read-filter'

export interface Found {
  /** `edge:<id>` and `node:<id>` of everything that matches, to be marked. */
  readonly all: ReadonlySet<string>
  /** What the expression asks about, in the graph's order, to be counted and walked: its nodes, or its edges. */
  readonly matches: readonly string[]
  readonly of: 'nodes' | 'edges'
  /** How many of these there are in all. */
  readonly total: number
}

/**
 * What an expression finds in a graph; undefined where it is empty or broken. Edges match as `compileFilter` says; a node matches by
 * itself, or, where something is asked of connections, together with one of its edges. Costs (nodes + edges) × length. A table lists
 * edges alone, so there edges are counted.
 */
export function findInGraph(
  graph: { readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[] } & Pick<ServiceGraph, 'against'>,
  text: string,
  isTable = false,
): Found | undefined {
  const { ast } = readFilter(text, { isCompared: graph.against !== undefined })
  if (!ast) return undefined
  const filter = compileFilter(ast)
  const ends = new Map(graph.nodes.map((node) => [node.id, endOfNode(node)]))
  const all = new Set<string>()
  if (filter.subject === 'end') for (const [id, end] of ends) if (filter.matchesEnd(end)) all.add(`node:${id}`)
  for (const edge of graph.edges) {
    const link = linkOfEdge(edge, ends)
    if (filter.matches(link)) all.add(`edge:${edge.id}`)
    if (filter.subject === 'end') continue
    if (filter.matchesEndOf(link.source, link)) all.add(`node:${edge.client}`)
    if (filter.matchesEndOf(link.destination, link)) all.add(`node:${edge.server}`)
  }
  const isOfNodes = filter.subject === 'end' && !isTable
  const matches = isOfNodes
    ? graph.nodes.map((node) => `node:${node.id}`)
    : graph.edges.map((edge) => `edge:${edge.id}`)
  return {
    all,
    matches: matches.filter((item) => all.has(item)),
    of: isOfNodes ? 'nodes' : 'edges',
    total: matches.length,
  }
}

/** The match before or after the selected one, around; the first or last where none is selected. '' without matches. */
export function neighbour(matches: readonly string[], selected: string, by: 1 | -1): string {
  const at = matches.indexOf(selected)
  const next = at < 0 ? (by > 0 ? 0 : matches.length - 1) : (at + by + matches.length) % matches.length
  return matches[next] ?? ''
}
