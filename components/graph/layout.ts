import ELK, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk-api'
import { componentsOf } from './components-of'
import type { Point, StoredRoute } from './edge-geometry'
import { type GraphElement, roomOf } from './elements'
import { packParts } from './pack-parts'
import type { Spot } from './place-node'
import type { Places } from './shared-places'

/** Nodes are laid out with the room that their labels need; boxes with room for their title. */
const BOX_PADDING = '[top=40,left=30,bottom=24,right=30]'
/** Said of every box too: boxes inherit none of it. */
const SPACING = {
  'elk.layered.spacing.nodeNodeBetweenLayers': '70',
  'elk.layered.spacing.edgeNodeBetweenLayers': '20',
  'elk.spacing.nodeNode': '16',
}
const ORIGIN: Point = { x: 0, y: 0 }
const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'org.eclipse.elk.json.edgeCoords': 'ROOT',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  ...SPACING,
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.randomSeed': '1',
}

/** The same in a worker, which ends with it. */
export async function layeredLayout(elements: readonly GraphElement[]): Promise<Places> {
  const elk = new ELK({
    workerFactory: () => new Worker(new URL('./elk.worker.ts', import.meta.url), { type: 'module' }),
  })
  try {
    return await layersBy(elk, elements)
  } finally {
    elk.terminateWorker()
  }
}

/**
 * Places for every node, left to right: callers, AI workloads, gateways, providers; and ways for the edges between them.
 * Parts that nothing connects (clusters, mostly) stand side by side: ELK would put those with boxes into one column.
 * Same input, same places.
 */
export async function layersBy(
  elk: { layout(graph: ElkNode): Promise<ElkNode> },
  elements: readonly GraphElement[],
): Promise<Places> {
  const parts: ElkNode[] = []
  for (const part of componentsOf(elements)) parts.push(await elk.layout(elkGraphOf(part)))
  const corners = packParts(parts.map(({ width = 0, height = 0 }) => ({ width, height })))
  const spots = new Map<string, Spot>()
  const routes = new Map<string, StoredRoute>()
  for (const [index, part] of parts.entries()) {
    const own = positionsOf(part, corners[index])
    for (const [id, at] of own) spots.set(id, { at, part: 0 })
    for (const [id, route] of routesOf(part.edges ?? [], own, corners[index])) routes.set(id, route)
  }
  return { spots, routes }
}

/** What ELK is asked. */
export function elkGraphOf(elements: readonly GraphElement[]): ElkNode {
  const boxes = new Map<string, ElkNode & { children: ElkNode[] }>()
  const roots: ElkNode[] = []
  for (const element of elements) {
    if (element.kind === 'box') {
      const box = { id: element.id, children: [], layoutOptions: { ...SPACING, 'elk.padding': BOX_PADDING } }
      boxes.set(element.id, box)
      roots.push(box)
    }
    if (element.kind === 'node') {
      const room = roomOf(element)
      const node = { id: element.id, width: room.x, height: room.y }
      const box = element.parent === undefined ? undefined : boxes.get(element.parent)
      if (box) box.children.push(node)
      else roots.push(node)
    }
  }
  const edges = elements.flatMap((element) =>
    element.kind === 'edge' && element.source !== element.target
      ? [{ id: element.id, sources: [element.source], targets: [element.target] }]
      : [],
  )
  return { id: 'root', layoutOptions: OPTIONS, children: roots, edges }
}

/** Centres of the leaves, in the coordinates of the whole. */
export function positionsOf(root: ElkNode, corner: Point = ORIGIN): ReadonlyMap<string, Point> {
  const positions = new Map<string, Point>()
  const visit = (node: ElkNode, left: number, top: number) => {
    for (const child of node.children ?? []) {
      const [x, y] = [left + (child.x ?? 0), top + (child.y ?? 0)]
      if (child.children) visit(child, x, y)
      else positions.set(child.id, { x: x + (child.width ?? 0) / 2, y: y + (child.height ?? 0) / 2 })
    }
  }
  visit(root, corner.x, corner.y)
  return positions
}

/** The bends of every edge with the places of its ends, for which they are good. */
export function routesOf(
  edges: readonly ElkExtendedEdge[],
  positions: ReadonlyMap<string, Point>,
  corner: Point = ORIGIN,
): ReadonlyMap<string, StoredRoute> {
  const routes = new Map<string, StoredRoute>()
  for (const { id, sources, targets, sections } of edges) {
    const [from, to] = [positions.get(sources[0] ?? ''), positions.get(targets[0] ?? '')]
    const bends = sections?.[0]?.bendPoints ?? []
    if (from && to && bends.length > 0)
      routes.set(id, { from, to, bends: bends.map(({ x, y }) => ({ x: corner.x + x, y: corner.y + y })) })
  }
  return routes
}
