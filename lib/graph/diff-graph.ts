import type { GraphPatch, ServiceGraph } from '@/lib/model/graph'

interface Identified {
  readonly id: string
}

/** A graph as JSON text, in the parts that a patch is made of: what many browsers look at is turned into text once. */
export interface EncodedGraph {
  readonly revision: string
  /** JSON text of each node and edge by id, in the graph's order. */
  readonly nodes: ReadonlyMap<string, string>
  readonly edges: ReadonlyMap<string, string>
  /** Members that change without anything to see: `"revision":…,"window":…`. */
  readonly moving: string
  /** Members that a snapshot alone has. */
  readonly fixed: string
  /** Members that a person sees, beside nodes and edges. */
  readonly seen: string
}

/** Texts of nodes and edges by identity: views cut from one graph share its objects, so that each becomes text once. */
export type EncodedParts = WeakMap<object, string>

/** The graph as text; `parts` remembers the text of its nodes and edges. */
export function encodeGraph(graph: ServiceGraph, parts: EncodedParts = new WeakMap()): EncodedGraph {
  const { revision, window, dataset, level, hidden, pods, coverage, headline, newestMs, newUnknownIn } = graph
  return {
    revision,
    nodes: textsOf(graph.nodes, parts),
    edges: textsOf(graph.edges, parts),
    moving: membersOf({ revision, window }),
    fixed: membersOf({ dataset }),
    seen: membersOf({ level, hidden, pods, coverage, headline, newestMs, newUnknownIn } satisfies Partial<GraphPatch>),
  }
}

/** JSON of the `ServiceGraph`. */
export const snapshotText = ({ moving, fixed, seen, nodes, edges }: EncodedGraph): string =>
  `{${moving},${fixed},${seen},"nodes":${arrayOf(nodes.values())},"edges":${arrayOf(edges.values())}}`

/**
 * JSON of the `GraphPatch` from `previous` to `next`: applying it to the first gives the second. Undefined where nothing that
 * a person could see changed: a window that merely moved on is not a change.
 */
export function patchText(previous: EncodedGraph, next: EncodedGraph): string | undefined {
  const nodes = { upsert: changed(previous.nodes, next.nodes), remove: gone(previous.nodes, next.nodes) }
  const edges = { upsert: changed(previous.edges, next.edges), remove: gone(previous.edges, next.edges) }
  const changes = nodes.upsert.length + nodes.remove.length + edges.upsert.length + edges.remove.length
  if (changes === 0 && previous.seen === next.seen) return undefined
  const removed = membersOf({ removeNodes: nodes.remove, removeEdges: edges.remove } satisfies Partial<GraphPatch>)
  return `{${next.moving},${next.seen},${removed},"upsertNodes":${arrayOf(nodes.upsert)},"upsertEdges":${arrayOf(edges.upsert)}}`
}

function textsOf(items: readonly Identified[], parts: EncodedParts): Map<string, string> {
  const texts = new Map<string, string>()
  for (const item of items) {
    const text = parts.get(item) ?? JSON.stringify(item)
    parts.set(item, text)
    texts.set(item.id, text)
  }
  return texts
}

/** An object's JSON without its braces. */
const membersOf = (members: object): string => JSON.stringify(members).slice(1, -1)

const arrayOf = (texts: Iterable<string>): string => `[${[...texts].join(',')}]`

function changed(previous: ReadonlyMap<string, string>, next: ReadonlyMap<string, string>): string[] {
  const texts: string[] = []
  for (const [id, text] of next) if (previous.get(id) !== text) texts.push(text)
  return texts
}

const gone = (previous: ReadonlyMap<string, string>, next: ReadonlyMap<string, string>): string[] =>
  [...previous.keys()].filter((id) => !next.has(id))

/** Applies a patch; the inverse of `patchText` in the sense that applying what leads from `a` to `b` shows what `b` shows. */
export function applyPatch(graph: ServiceGraph, patch: GraphPatch): ServiceGraph {
  return {
    ...graph,
    revision: patch.revision,
    window: patch.window,
    nodes: merge(graph.nodes, patch.upsertNodes, patch.removeNodes),
    edges: merge(graph.edges, patch.upsertEdges, patch.removeEdges),
    level: patch.level,
    hidden: patch.hidden,
    pods: patch.pods,
    coverage: patch.coverage,
    headline: patch.headline,
    newestMs: patch.newestMs,
    newUnknownIn: patch.newUnknownIn,
  }
}

function merge<T extends Identified>(items: readonly T[], upserts: readonly T[], removed: readonly string[]): T[] {
  const byId = new Map(items.map((item) => [item.id, item]))
  for (const id of removed) byId.delete(id)
  for (const item of upserts) byId.set(item.id, item)
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
