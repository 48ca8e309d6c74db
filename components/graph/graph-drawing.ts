import cytoscape, { type Core, type ElementDefinition, type EventObject } from 'cytoscape'
import type { Camera } from './camera-memory'
import { bendsOf, type Curve, curveThrough, type Point, pointOnCurve, type StoredRoute } from './edge-geometry'
import type { DoorElement, EdgeElement, GraphElement } from './elements'
import { type Attention, emphasisOf, NO_ATTENTION } from './emphasis'
import { partId, type Spot } from './place-node'
import { settlePlaces } from './settle-places'
import type { Places } from './shared-places'
import { type Look, stylesheetOf } from './stylesheet'

/** Where on the last piece of its curve a door stands. */
const DOOR_ON_LAST_PIECE = 0.55
const FIT_PADDING_PX = 40
const MAX_FIT_ZOOM = 1.25
const ZOOM_STEP = 1.25
/** Names stay readable when zoomed out: they grow on the drawing, as far as its gaps allow. */
const LABEL_PX = { onScreen: 9.5, min: 11, max: 18 } as const
/** Longer than a pointer takes to pass over something on its way. */
const HOVER_MS = 120
/** Drawn at once, edges beyond this are straight and say nothing. */
const MANY_EDGES = 1200
/** A move of more edges than this would not be one. */
const MAX_MOVING_EDGES = 400
export const MOVE_MS = 150

export interface DrawingEvents {
  /** `edge:<id>`, `node:<id>`, or '' for the empty ground. */
  onSelect(selected: string): void
  /** A node was opened: pressed twice. */
  onOpen(nodeId: string): void
  /** A person moved these. */
  onMoved(nodeIds: readonly string[]): void
  /** The camera or a way of an edge is another one. */
  onView(): void
}

/** One drawn graph: keeps the canvas equal to its elements, and every node where it stands. */
export class GraphDrawing {
  private readonly cy: Core
  private elements: readonly GraphElement[] = []
  private readonly shown = new Map<string, GraphElement>()
  private readonly doorOf = new Map<string, DoorElement>()
  private edgesOf = new Map<string, EdgeElement[]>()
  /** Also of nodes that are gone: they come back to where they stood. */
  private readonly spots = new Map<string, Spot>()
  /** Ways around nodes that a layout found. */
  private readonly routes = new Map<string, StoredRoute>()
  private attention: Attention = NO_ATTENTION
  private classes: ReadonlyMap<string, string> = new Map()
  /** Nobody moved the camera since everything was in view. */
  private isFitted = false
  private labelPx: number = LABEL_PX.min
  private isPlacing = false
  private isMany = false
  private hovering: ReturnType<typeof setTimeout> | undefined
  private moving: number | undefined

  constructor(
    container: HTMLElement | undefined,
    private look: Look,
    private readonly events: DrawingEvents,
  ) {
    this.cy = cytoscape({
      ...(container ? { container } : { headless: true, styleEnabled: true }),
      style: stylesheetOf(look, false),
      minZoom: 0.08,
      maxZoom: 3,
      boxSelectionEnabled: false,
      selectionType: 'single',
    })
    this.cy.on('tap', (event: EventObject) => events.onSelect(itemOf(event, this.cy)))
    this.cy.on('dbltap', 'node[kind = "node"]', (event: EventObject) => events.onOpen(event.target.id()))
    this.cy.on('mouseover', 'node[kind = "node"], edge, node[kind = "door"]', (event) => this.hover(event))
    this.cy.on('mouseout', 'node, edge', () => this.hover(undefined))
    this.cy.on('position', 'node[kind = "node"]', (event) => this.followNode(event.target.id()))
    this.cy.on('scrollzoom dragpan pinchzoom', () => {
      this.isFitted = false
    })
    this.cy.on('zoom', () => this.sizeLabels())
    this.cy.on('viewport', () => events.onView())
    this.cy.on('dragfree', 'node[kind = "node"]', (event) => events.onMoved([event.target.id()]))
  }

  destroy(): void {
    clearTimeout(this.hovering)
    this.stopMoving()
    this.cy.destroy()
  }

  setLook(look: Look): void {
    this.look = look
    this.cy.style(stylesheetOf(look, this.isMany))
    this.sizeLabels(true)
    this.events.onView()
  }

  get places(): Places {
    return { spots: this.spots, routes: this.routes }
  }

  /** The places of these nodes alone, and the ways of the edges between them. */
  placesOf(nodeIds: Iterable<string>): Places {
    return { spots: new Map([...nodeIds].flatMap((id) => this.spotEntry(id))), routes: new Map() }
  }

  private spotEntry(id: string): [string, Spot][] {
    const spot = this.spots.get(id)
    return spot ? [[id, spot]] : []
  }

  /** Places that are known before anything is drawn. */
  remember({ spots, routes }: Places): void {
    for (const [id, spot] of spots) this.spots.set(id, spot)
    for (const [id, route] of routes) this.routes.set(id, route)
  }

  /** True where most nodes have no place yet: then a layout beats placing them one by one. */
  needsLayout(elements: readonly GraphElement[]): boolean {
    const nodes = elements.filter((element) => element.kind === 'node')
    return nodes.filter((node) => !this.spots.has(node.id)).length > nodes.length / 2
  }

  /** Puts nodes at these places, and edges on these ways; moves them there within 150 ms unless that is too much, or not wanted. */
  place({ spots, routes }: Places, isAnimated: boolean): void {
    this.stopMoving()
    this.routes.clear()
    for (const [id, route] of routes) this.routes.set(id, route)
    const from = new Map([...spots.keys()].flatMap((id) => this.spotEntry(id)))
    for (const [id, spot] of spots) this.spots.set(id, spot)
    this.cy.batch(() => {
      for (const element of this.elements) if (element.kind === 'node') this.putParent(element)
    })
    const put = (share: number) =>
      this.moveTo((id) => {
        const [a, b] = [from.get(id)?.at, spots.get(id)?.at]
        return a && b ? { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share } : b
      })
    if (!isAnimated || this.edgesShown().length > MAX_MOVING_EDGES) {
      put(1)
      return
    }
    const startMs = performance.now()
    const step = (nowMs: number) => {
      const share = Math.min(1, Math.max(0, (nowMs - startMs) / MOVE_MS))
      put(share < 1 ? 1 - (1 - share) ** 3 : 1)
      this.moving = share < 1 ? requestAnimationFrame(step) : undefined
    }
    put(0)
    this.moving = requestAnimationFrame(step)
  }

  private stopMoving(): void {
    if (this.moving !== undefined) cancelAnimationFrame(this.moving)
    this.moving = undefined
  }

  private moveTo(placeOf: (id: string) => Point | undefined): void {
    this.isPlacing = true
    this.cy.batch(() => {
      for (const element of this.elements) {
        const at = element.kind === 'node' ? placeOf(element.id) : undefined
        if (at) this.cy.getElementById(element.id).position({ ...at })
      }
    })
    this.isPlacing = false
    this.cy.batch(() => {
      for (const edge of this.edgesShown()) this.routeEdge(edge)
    })
    this.events.onView()
  }

  /**
   * Draws these elements: what is new appears in free space, what is gone goes, what changed changes, and nothing else moves, nor
   * the camera. Answers the ids of nodes that got a place.
   */
  update(elements: readonly GraphElement[]): readonly string[] {
    const settled = settlePlaces(elements, this.spots, new Set(this.shown.keys()))
    for (const [id, spot] of settled) this.spots.set(id, spot)
    const wanted = new Set(elements.map((element) => element.id))
    const added: EdgeElement[] = []
    this.index(elements)
    this.cy.batch(() => {
      for (const id of [...this.shown.keys()]) {
        if (wanted.has(id)) continue
        this.cy.getElementById(id).remove()
        this.shown.delete(id)
      }
      for (const element of elements) if (this.put(element) && element.kind === 'edge') added.push(element)
      for (const edge of added) this.routeEdge(edge)
    })
    this.setMany()
    if (added.length > 0 || settled.size > 0) this.sizeLabels(true)
    this.emphasise(true)
    this.events.onView()
    return [...settled.keys()]
  }

  /** Boxes of a namespace's further parts are drawn like its first. */
  private index(elements: readonly GraphElement[]): void {
    const boxes = new Map(elements.flatMap((element) => (element.kind === 'box' ? [[element.id, element]] : [])))
    const used = new Map<string, GraphElement>()
    this.edgesOf = new Map()
    this.doorOf.clear()
    for (const element of elements) {
      if (element.kind === 'node' && element.parent !== undefined) {
        const id = this.boxOf(element.id, element.parent)
        const box = boxes.get(element.parent)
        if (box) used.set(id, { ...box, id })
      }
      if (element.kind === 'door') this.doorOf.set(element.edge, element)
      if (element.kind !== 'edge') continue
      for (const end of new Set([element.source, element.target])) {
        const known = this.edgesOf.get(end)
        if (known) known.push(element)
        else this.edgesOf.set(end, [element])
      }
    }
    this.elements = [...used.values(), ...elements.filter((element) => element.kind !== 'box')]
  }

  private boxOf = (nodeId: string, parent: string): string => partId(parent, this.spots.get(nodeId)?.part ?? 0)

  private edgesShown = (): EdgeElement[] => this.elements.filter((element) => element.kind === 'edge')

  private setMany(): void {
    const isMany = this.edgesShown().length > MANY_EDGES
    if (isMany === this.isMany) return
    this.isMany = isMany
    this.cy.style(stylesheetOf(this.look, isMany))
  }

  private sizeLabels(isNew = false): void {
    const wanted = Math.round(LABEL_PX.onScreen / this.cy.zoom())
    const px = Math.min(LABEL_PX.max, Math.max(LABEL_PX.min, wanted))
    if (px === this.labelPx && !isNew) return
    this.labelPx = px
    this.cy.nodes('[kind = "node"], [kind = "box"]').style('font-size', px)
  }

  /** Answers whether it was not there before. */
  private put(element: GraphElement): boolean {
    const before = this.shown.get(element.id)
    if (before && isSame(before, element)) return false
    this.shown.set(element.id, element)
    const data = this.dataOf(element)
    if (!before) {
      this.cy.add(this.definitionOf(element, data))
      return true
    }
    if (element.kind === 'node') this.putParent(element)
    const known = this.cy.getElementById(element.id)
    known.data(data)
    return false
  }

  private putParent(element: Extract<GraphElement, { kind: 'node' }>): void {
    const known = this.cy.getElementById(element.id)
    const parent = element.parent === undefined ? undefined : this.boxOf(element.id, element.parent)
    if (known.empty() || (known.data('parent') ?? undefined) === parent) return
    if (parent !== undefined && this.cy.getElementById(parent).empty()) {
      const first = this.shown.get(element.parent ?? '') ?? { kind: 'box' as const, id: parent, label: '' }
      this.shown.set(parent, { ...first, id: parent })
      this.cy.add({ group: 'nodes', data: { ...first, id: parent } })
    }
    known.move({ parent: parent ?? null })
  }

  private dataOf(element: GraphElement): Record<string, unknown> {
    // A door's ends are for its place; cytoscape would take `source` and `target` for an edge.
    if (element.kind === 'door') return { id: element.id, kind: 'door', edge: element.edge, door: element.state }
    if (element.kind !== 'node' || element.parent === undefined) return { ...element }
    return { ...element, parent: this.boxOf(element.id, element.parent) }
  }

  private definitionOf(element: GraphElement, data: Record<string, unknown>): ElementDefinition {
    if (element.kind === 'edge') return { group: 'edges', data: { ...data, ...this.curveOf(element) } }
    const at = element.kind === 'door' ? this.doorPlace(element) : this.spots.get(element.id)?.at
    return {
      group: 'nodes',
      data,
      ...(at && { position: { ...at } }),
      ...(element.kind === 'door' && { grabbable: false }),
    }
  }

  private placeOf(id: string): Point {
    return this.spots.get(id)?.at ?? { x: 0, y: 0 }
  }

  private wayOf(edge: { source: string; target: string }, id: string, lane: number): [Point, Point, readonly Point[]] {
    const [source, target] = [this.drawnPlace(edge.source), this.drawnPlace(edge.target)]
    return [source, target, bendsOf(source, target, lane, this.routes.get(id))]
  }

  /** Where it is on its way to its place. */
  private drawnPlace(id: string): Point {
    if (this.moving === undefined) return this.placeOf(id)
    const node = this.cy.getElementById(id)
    return node.empty() ? this.placeOf(id) : node.position()
  }

  private curveOf(edge: EdgeElement): Curve {
    return curveThrough(...this.wayOf(edge, edge.id, edge.lane))
  }

  private doorPlace(door: DoorElement): Point {
    const edge = this.shown.get(door.edge)
    const [source, target, bends] = this.wayOf(door, door.edge, edge?.kind === 'edge' ? edge.lane : 0)
    const share = 1 - (1 - DOOR_ON_LAST_PIECE) / Math.max(1, bends.length)
    return pointOnCurve(source, target, bends, share)
  }

  private routeEdge(edge: EdgeElement): void {
    this.cy.getElementById(edge.id).data(this.curveOf(edge))
    const door = this.doorOf.get(edge.id)
    if (door) this.cy.getElementById(door.id).position(this.doorPlace(door))
  }

  private followNode(id: string): void {
    if (this.isPlacing) return
    const at = this.cy.getElementById(id).position()
    this.spots.set(id, { at: { x: at.x, y: at.y }, part: this.spots.get(id)?.part ?? 0 })
    for (const edge of this.edgesOf.get(id) ?? []) this.routeEdge(edge)
    this.events.onView()
  }

  /** Shows what a person looks at, and the rest faint. */
  attend(part: Partial<Attention>): void {
    this.attention = { ...this.attention, ...part }
    this.emphasise()
  }

  private emphasise(isNew = false): void {
    const next = emphasisOf(this.elements, this.attention)
    this.cy.batch(() => {
      for (const id of new Set([...this.classes.keys(), ...next.keys()])) {
        const classes = next.get(id) ?? ''
        if (isNew || classes !== (this.classes.get(id) ?? '')) this.cy.getElementById(id).classes(classes)
      }
    })
    this.classes = next
    this.events.onView()
  }

  /** Draws the ring of keyboard focus around a node or an edge; '' takes it away. Only what nobody can see moves the camera. */
  focus(item: string, nodeId: string | undefined): void {
    this.attend({ focused: item })
    if (nodeId === undefined) return
    const node = this.cy.getElementById(nodeId)
    if (node.empty()) return
    const { x1, y1, x2, y2 } = this.cy.extent()
    const at = node.position()
    if (at.x < x1 || at.x > x2 || at.y < y1 || at.y > y2) this.cy.center(node)
  }

  get camera(): Camera {
    return { zoom: this.cy.zoom(), pan: { ...this.cy.pan() }, isFitted: this.isFitted }
  }

  /** Looks as it did before. */
  restore({ zoom, pan, isFitted }: Camera): void {
    this.cy.resize()
    this.cy.viewport({ zoom, pan: { ...pan } })
    this.isFitted = isFitted
  }

  fit(): void {
    this.cy.resize()
    // Nodes only: the curves of edges that were never drawn have no bounds yet.
    this.cy.fit(this.cy.nodes(), FIT_PADDING_PX)
    if (this.cy.zoom() > MAX_FIT_ZOOM) {
      this.cy.zoom(MAX_FIT_ZOOM)
      this.cy.center(this.cy.nodes())
    }
    this.isFitted = true
  }

  zoom(direction: 1 | -1): void {
    this.isFitted = false
    const level = this.cy.zoom() * ZOOM_STEP ** direction
    this.cy.zoom({ level, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } })
  }

  /** The canvas has another size: what was wholly in view stays so. */
  resize(): void {
    if (this.isFitted) this.fit()
    else this.cy.resize()
  }

  /** Where a node stands on screen, in px from the canvas' corner. */
  screenPosition(id: string): Point | undefined {
    const node = this.cy.getElementById(id)
    return node.empty() ? undefined : node.renderedPosition()
  }

  /** Middle of an edge's curve on screen, in px from the canvas' corner. */
  screenMiddle(id: string): Point | undefined {
    const edge = this.shown.get(id)
    if (edge?.kind !== 'edge') return undefined
    const at = pointOnCurve(...this.wayOf(edge, edge.id, edge.lane), 0.5)
    const pan = this.cy.pan()
    return { x: at.x * this.cy.zoom() + pan.x, y: at.y * this.cy.zoom() + pan.y }
  }

  /** The ways of edges that are not dimmed, for what moves along them; edges of many are straight. */
  ways(): { readonly edge: EdgeElement; readonly points: readonly Point[] }[] {
    return this.edgesShown().flatMap((edge) => {
      const classes = this.classes.get(edge.id) ?? ''
      if (edge.source === edge.target || /dimmed|faint/.test(classes)) return []
      const [source, target, bends] = this.wayOf(edge, edge.id, edge.lane)
      const pieces = this.isMany ? 1 : 6 * Math.max(1, bends.length)
      const at = (share: number) => (this.isMany ? between(source, target, share) : pointOnCurve(source, target, bends, share))
      return [{ edge, points: Array.from({ length: pieces + 1 }, (_, piece) => at(piece / pieces)) }]
    })
  }

  private hover(event: EventObject | undefined): void {
    clearTimeout(this.hovering)
    const hovered = event ? itemOf(event, this.cy) : ''
    const container = this.cy.container()
    if (container) container.style.cursor = hovered ? 'pointer' : ''
    this.hovering = setTimeout(() => this.attend({ hovered }), HOVER_MS)
  }
}

const between = (a: Point, b: Point, share: number): Point => ({ x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share })

function isSame(a: GraphElement, b: GraphElement): boolean {
  const [one, other] = [Object.entries(a), Object.entries(b)]
  return one.length === other.length && one.every(([key, value], at) => other[at]?.[0] === key && other[at][1] === value)
}

/** `edge:<id>` or `node:<id>` of what an event is about; '' for the empty ground. */
function itemOf({ target }: EventObject, cy: Core): string {
  if (target === cy) return ''
  const kind: unknown = target.data('kind')
  if (kind === 'node') return `node:${target.id()}`
  if (kind === 'edge') return `edge:${target.id().slice(1)}`
  return kind === 'door' ? `edge:${String(target.data('edge')).slice(1)}` : ''
}
