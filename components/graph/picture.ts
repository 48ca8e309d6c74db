import {
  bendsOf,
  borderPoint,
  type Curve,
  curveThrough,
  type Point,
  pointOnCurve,
  type StoredRoute,
} from './edge-geometry'
import {
  type BoxElement,
  type DoorElement,
  type EdgeElement,
  type GraphElement,
  type NodeElement,
  roomOf,
} from './elements'
import { BOX_PADDING, FreeSpace, roomAround, union } from './free-space'
import { GROUP_PX, NODE_PX } from './node-size'
import { MAX_PARTS, partId, type Spot } from './place-node'
import { settlePlaces } from './settle-places'
import type { Places } from './shared-places'

/** Where on the last piece of its curve a door stands. */
const DOOR_ON_LAST_PIECE = 0.55
const PIECES_PER_BEND = 6

export type Way = readonly [source: Point, target: Point, bends: readonly Point[]]

/** What is drawn and where it stands, without a canvas: the elements of one drawing, places of its nodes, ways of its edges. */
export class Picture {
  elements: readonly GraphElement[] = []
  /** Also of nodes that are gone: they come back to where they stood. */
  readonly spots = new Map<string, Spot>()
  /** Ways around nodes that a layout found. */
  readonly routes = new Map<string, StoredRoute>()
  private readonly byId = new Map<string, GraphElement>()
  private readonly doors = new Map<string, DoorElement>()
  private edgesByEnd = new Map<string, EdgeElement[]>()

  /** Takes places that are known; what is known of others stays. */
  remember({ spots, routes }: Places): void {
    for (const [id, spot] of spots) this.spots.set(id, spot)
    for (const [id, route] of routes) this.routes.set(id, route)
  }

  /** True where most nodes have no place yet: then a layout beats placing them one by one. */
  needsLayout(elements: readonly GraphElement[]): boolean {
    const nodes = elements.filter((element) => element.kind === 'node')
    return nodes.filter((node) => !this.spots.has(node.id)).length > nodes.length / 2
  }

  /** Other elements: new ones get a place, nobody who was there moves. Answers the ids of nodes that got a place. */
  change(elements: readonly GraphElement[]): readonly string[] {
    const drawn = new Set([...this.byId.values()].flatMap((element) => (element.kind === 'node' ? element.id : [])))
    const settled = settlePlaces(elements, this.spots, drawn)
    for (const [id, spot] of settled) this.spots.set(id, spot)
    this.index(elements)
    return [...settled.keys()]
  }

  private index(elements: readonly GraphElement[]): void {
    this.byId.clear()
    this.doors.clear()
    this.edgesByEnd = new Map()
    const boxes = new Map<string, BoxElement>()
    for (const element of elements) if (element.kind === 'box') boxes.set(element.id, element)
    const used = new Map<string, BoxElement>()
    const areas = new Map<string, ReturnType<typeof roomAround>>()
    for (const element of elements) {
      if (element.kind === 'box') continue
      this.byId.set(element.id, element)
      if (element.kind === 'door') this.doors.set(element.edge, element)
      if (element.kind === 'node') {
        const [id, box] = [this.boxOf(element), boxes.get(element.parent ?? '')]
        if (id !== undefined && box) {
          used.set(id, { ...box, id })
          areas.set(id, union(areas.get(id), roomAround(this.placeOf(element.id), roomOf(element))))
        }
      }
      if (element.kind === 'edge')
        for (const end of new Set([element.source, element.target])) {
          const known = this.edgesByEnd.get(end)
          if (known) known.push(element)
          else this.edgesByEnd.set(end, [element])
        }
    }
    const titled = [...used].map(([id, box]): BoxElement => {
      const { left = 0, right = 0, top = 0 } = areas.get(id) ?? {}
      return {
        ...box,
        titleWidth: Math.round(right - left) + 2 * BOX_PADDING,
        titleX: Math.round((left + right) / 2),
        titleY: Math.round(top) - BOX_PADDING,
      }
    })
    this.elements = [...titled, ...this.byId.values()]
  }

  /** The boxes of the drawing again, after a node went into another one. */
  reindex(elements: readonly GraphElement[]): void {
    this.index(elements)
  }

  /** The box that a node is drawn in: its namespace's, or a further one of it. */
  boxOf({ id, parent }: Pick<NodeElement, 'id' | 'parent'>): string | undefined {
    return parent === undefined ? undefined : partId(parent, this.spots.get(id)?.part ?? 0)
  }

  nodes(): NodeElement[] {
    return this.elements.filter((element) => element.kind === 'node')
  }

  edges(): EdgeElement[] {
    return this.elements.filter((element) => element.kind === 'edge')
  }

  edgesAt(nodeId: string): readonly EdgeElement[] {
    return this.edgesByEnd.get(nodeId) ?? []
  }

  edge(id: string): EdgeElement | undefined {
    const element = this.byId.get(id)
    return element?.kind === 'edge' ? element : undefined
  }

  doorOf(edgeId: string): DoorElement | undefined {
    return this.doors.get(edgeId)
  }

  /** The places of these nodes alone. */
  placesOf(nodeIds: Iterable<string>): Places {
    const spots = new Map<string, Spot>()
    for (const id of nodeIds) {
      const spot = this.spots.get(id)
      if (spot) spots.set(id, spot)
    }
    return { spots, routes: new Map(this.routes) }
  }

  /**
   * A person put a node somewhere. It stays in its namespace's box where that can grow to it without covering others, else it gets a
   * box of its own with the same name.
   */
  moveNode(id: string, at: Point): void {
    const node = this.byId.get(id)
    const spot = { at: { x: at.x, y: at.y }, part: this.spots.get(id)?.part ?? 0 }
    this.spots.set(id, spot)
    if (node?.kind !== 'node' || node.parent === undefined) return
    const space = new FreeSpace()
    for (const other of this.nodes()) {
      const place = this.spots.get(other.id)
      const parent = this.boxOf(other)
      if (other.id !== id && place)
        space.add({ id: other.id, at: place.at, room: roomOf(other), ...(parent !== undefined && { parent }) })
    }
    const { parent } = node
    const fits = (part: number) => space.mayJoin(spot.at, partId(parent, part), roomOf(node))
    const taken = Array.from({ length: MAX_PARTS }, (_, part) => part).filter((part) =>
      space.hasBox(partId(parent, part)),
    )
    const unused =
      Array.from({ length: MAX_PARTS }, (_, part) => part).find((part) => !taken.includes(part)) ?? spot.part
    const part = [...(taken.includes(spot.part) ? [spot.part] : []), ...taken].find(fits) ?? unused
    this.spots.set(id, { ...spot, part })
  }

  /** Where an edge goes; `placeOf` says where its ends stand just now. */
  wayOf(edge: EdgeElement, placeOf: (id: string) => Point = this.placeOf): Way {
    const [source, target] = [placeOf(edge.source), placeOf(edge.target)]
    return [source, target, bendsOf(source, target, edge.lane, this.routes.get(edge.id))]
  }

  readonly placeOf = (id: string): Point => this.spots.get(id)?.at ?? { x: 0, y: 0 }

  /** Where the door of an edge stands on its way. */
  static doorAt(way: Way): Point {
    const [, , bends] = way
    return pointOnCurve(...way, 1 - (1 - DOOR_ON_LAST_PIECE) / Math.max(1, bends.length))
  }

  static curveOf = (way: Way): Curve => curveThrough(...way)

  /** What is seen of an edge, from the border of one node to that of the other, as a line of short pieces; of a straight one, one. */
  lineOf(edge: EdgeElement, isStraight: boolean): Point[] {
    const [source, target, bends] = this.wayOf(edge)
    const start = borderPoint(source, (isStraight ? undefined : bends[0]) ?? target, this.halfOf(edge.source))
    const end = borderPoint(target, (isStraight ? undefined : bends.at(-1)) ?? source, this.halfOf(edge.target))
    if (isStraight) return [start, end]
    const pieces = PIECES_PER_BEND * Math.max(1, bends.length)
    return Array.from({ length: pieces + 1 }, (_, piece) => pointOnCurve(start, end, bends, piece / pieces))
  }

  private halfOf(id: string): Point {
    const node = this.byId.get(id)
    return node?.kind === 'node' && node.isGroup
      ? { x: GROUP_PX.width / 2, y: GROUP_PX.height / 2 }
      : { x: NODE_PX / 2, y: NODE_PX / 2 }
  }
}
