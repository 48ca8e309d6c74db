import cytoscape, { type Core, type ElementDefinition, type EventObject } from 'cytoscape'
import type { Theme } from '@/lib/view/state-colors'
import type { Camera } from './cameras'
import { bendsOf, type Curve, curveThrough, type Point, pointOnCurve, type StoredRoute } from './edge-geometry'
import type { DoorElement, EdgeElement, GraphElement, NodeElement } from './elements'
import { placeNode, type Standing } from './place-node'
import { stylesheetOf } from './stylesheet'

/** Where on the last piece of its curve a door stands. */
const DOOR_ON_LAST_PIECE = 0.55
const FIT_PADDING_PX = 40
const MAX_FIT_ZOOM = 1.25
const ZOOM_STEP = 1.25
/** Names stay readable when zoomed out: they grow on the drawing, as far as its gaps allow. */
const LABEL_PX = { onScreen: 9.5, min: 11, max: 18 } as const

export interface DrawingEvents {
  /** `edge:<id>`, `node:<id>`, or '' for the empty ground. */
  onSelect(selected: string): void
  /** A person moved a node. */
  onMoved(): void
}

/** One drawn graph: keeps the canvas equal to its elements, and every node where it stands. */
export class GraphDrawing {
  private readonly cy: Core
  private elements: readonly GraphElement[] = []
  /** Also of nodes that are gone: they come back to where they stood. */
  readonly positions = new Map<string, Point>()
  /** Ways around nodes that a layout found. */
  readonly routes = new Map<string, StoredRoute>()
  /** Nobody moved the camera since everything was in view. */
  private isFitted = false
  private labelPx: number = LABEL_PX.min

  constructor(container: HTMLElement, look: { theme: Theme; font: string }, events: DrawingEvents) {
    this.cy = cytoscape({
      container,
      style: stylesheetOf(look.theme, look.font),
      minZoom: 0.08,
      maxZoom: 3,
      boxSelectionEnabled: false,
      selectionType: 'single',
    })
    this.cy.on('tap', (event: EventObject) => events.onSelect(this.selectionOf(event)))
    this.cy.on('mouseover', 'node[kind = "node"], edge, node[kind = "door"]', (event) => this.hover(event, true))
    this.cy.on('mouseout', 'node, edge', (event) => this.hover(event, false))
    this.cy.on('position', 'node[kind = "node"]', (event) => this.followNode(event.target.id()))
    this.cy.on('scrollzoom dragpan pinchzoom', () => {
      this.isFitted = false
    })
    this.cy.on('zoom', () => this.sizeLabels())
    this.cy.on('dragfree', 'node[kind = "node"]', () => events.onMoved())
  }

  destroy(): void {
    this.cy.destroy()
  }

  setLook(theme: Theme, font: string): void {
    this.cy.style(stylesheetOf(theme, font))
    this.sizeLabels(true)
  }

  /** True where most nodes have no place yet: then a layout beats placing them one by one. */
  needsLayout(elements: readonly GraphElement[]): boolean {
    const nodes = elements.filter((element) => element.kind === 'node')
    return nodes.filter((node) => !this.positions.has(node.id)).length > nodes.length / 2
  }

  /** Puts nodes at the places of a layout, and edges on its ways. */
  place(positions: ReadonlyMap<string, Point>, routes: ReadonlyMap<string, StoredRoute>): void {
    for (const [id, at] of positions) this.positions.set(id, at)
    this.routes.clear()
    for (const [id, route] of routes) this.routes.set(id, route)
    this.cy.batch(() => {
      for (const [id, at] of positions) this.cy.getElementById(id).position({ ...at })
    })
  }

  /** Draws these elements: what is new appears in free space, what is gone goes, what changed changes, and nothing moves. */
  update(elements: readonly GraphElement[]): void {
    this.placeNewNodes(elements)
    const wanted = new Set(elements.map((element) => element.id))
    this.cy.batch(() => {
      this.cy.elements().forEach((item) => {
        if (!wanted.has(item.id())) item.remove()
      })
      for (const element of elements) this.put(element)
    })
    this.elements = elements
    for (const element of elements) if (element.kind === 'edge') this.routeEdge(element)
    this.sizeLabels(true)
  }

  private sizeLabels(isNew = false): void {
    const wanted = Math.round(LABEL_PX.onScreen / this.cy.zoom())
    const px = Math.min(LABEL_PX.max, Math.max(LABEL_PX.min, wanted))
    if (px === this.labelPx && !isNew) return
    this.labelPx = px
    this.cy.nodes('[kind = "node"], [kind = "box"]').style('font-size', px)
  }

  private put(element: GraphElement): void {
    const known = this.cy.getElementById(element.id)
    const data = dataOf(element)
    if (known.empty()) this.cy.add(this.definitionOf(element, data))
    else {
      if (element.kind === 'node' && (known.data('parent') ?? undefined) !== element.parent)
        known.move({ parent: element.parent ?? null })
      known.data(data)
    }
  }

  private definitionOf(element: GraphElement, data: Record<string, unknown>): ElementDefinition {
    if (element.kind === 'edge') return { group: 'edges', data: { ...data, ...this.curveOf(element) } }
    const at = element.kind === 'door' ? this.doorPlace(element) : this.positions.get(element.id)
    return {
      group: 'nodes',
      data,
      ...(at && { position: { ...at } }),
      ...(element.kind === 'door' && { grabbable: false }),
    }
  }

  private placeNewNodes(elements: readonly GraphElement[]): void {
    const nodes = elements.filter((element) => element.kind === 'node')
    const edges = elements.filter((element) => element.kind === 'edge')
    const standing: Standing[] = nodes.flatMap((node) => this.standingOf(node))
    const present = (ids: readonly string[]) => ids.flatMap((id) => this.positions.get(id) ?? [])
    for (const node of nodes) {
      if (this.positions.has(node.id)) continue
      const callers = present(edges.filter(({ target }) => target === node.id).map(({ source }) => source))
      const callees = present(edges.filter(({ source }) => source === node.id).map(({ target }) => target))
      this.positions.set(node.id, placeNode(node, standing, { callers, callees }))
      standing.push(...this.standingOf(node))
    }
  }

  private standingOf(node: NodeElement): Standing[] {
    const at = this.positions.get(node.id)
    return at ? [{ id: node.id, at, ...(node.parent && { parent: node.parent }) }] : []
  }

  private wayOf(edge: { source: string; target: string }, id: string, lane: number): [Point, Point, readonly Point[]] {
    const source = this.positions.get(edge.source) ?? { x: 0, y: 0 }
    const target = this.positions.get(edge.target) ?? { x: 0, y: 0 }
    return [source, target, bendsOf(source, target, lane, this.routes.get(id))]
  }

  private curveOf(edge: EdgeElement): Curve {
    return curveThrough(...this.wayOf(edge, edge.id, edge.lane))
  }

  private doorPlace(door: DoorElement): Point {
    const edge = this.elements.find((element) => element.id === door.edge)
    const lane = edge?.kind === 'edge' ? edge.lane : 0
    const [source, target, bends] = this.wayOf(door, door.edge, lane)
    const share = 1 - (1 - DOOR_ON_LAST_PIECE) / Math.max(1, bends.length)
    return pointOnCurve(source, target, bends, share)
  }

  private routeEdge(edge: EdgeElement): void {
    this.cy.getElementById(edge.id).data(this.curveOf(edge))
    const door = this.elements.find((element) => element.kind === 'door' && element.edge === edge.id)
    if (door?.kind === 'door') this.cy.getElementById(door.id).position(this.doorPlace(door))
  }

  private followNode(id: string): void {
    const at = this.cy.getElementById(id).position()
    this.positions.set(id, { x: at.x, y: at.y })
    for (const element of this.elements)
      if (element.kind === 'edge' && (element.source === id || element.target === id)) this.routeEdge(element)
  }

  /** Shows what is selected whole and the rest faint; '' shows everything. */
  select(selected: string): void {
    this.cy.batch(() => {
      this.cy.elements().removeClass('dimmed chosen')
      const [kind, id = ''] = selected.split(':')
      const chosen = this.cy.getElementById(kind === 'edge' ? `e${id}` : id)
      if (chosen.empty()) return
      const near =
        kind === 'edge'
          ? chosen.union(chosen.connectedNodes())
          : chosen.union(chosen.connectedEdges()).union(chosen.neighborhood())
      const doors = this.cy.nodes('[kind = "door"]').filter((door) => near.getElementById(door.data('edge')).nonempty())
      const boxes = this.cy.nodes('[kind = "box"]')
      this.cy.elements().not(near).not(doors).not(boxes).addClass('dimmed')
      chosen.addClass('chosen')
    })
  }

  /** Draws the ring of keyboard focus around a node; undefined takes it away. */
  focus(id: string | undefined): void {
    this.cy.nodes('.focused').removeClass('focused')
    if (id === undefined) return
    const node = this.cy.getElementById(id)
    node.addClass('focused')
    const { x1, y1, x2, y2 } = this.cy.extent()
    const at = node.position()
    // Only a node that nobody can see moves the camera.
    if (at.x < x1 || at.x > x2 || at.y < y1 || at.y > y2) this.cy.center(node)
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

  /** Where somebody looks; undefined while everything is in view and nobody moved the camera. */
  camera(): Camera | undefined {
    return this.isFitted ? undefined : { zoom: this.cy.zoom(), pan: { ...this.cy.pan() } }
  }

  /** Looks where somebody looked before. */
  look({ zoom, pan }: Camera): void {
    this.cy.resize()
    this.cy.viewport({ zoom, pan: { ...pan } })
    this.isFitted = false
    this.sizeLabels()
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
    const edge = this.elements.find((element) => element.id === id)
    if (edge?.kind !== 'edge') return undefined
    const at = pointOnCurve(...this.wayOf(edge, edge.id, edge.lane), 0.5)
    const pan = this.cy.pan()
    return { x: at.x * this.cy.zoom() + pan.x, y: at.y * this.cy.zoom() + pan.y }
  }

  private hover(event: EventObject, isOn: boolean): void {
    const item = event.target.data('kind') === 'door' ? this.cy.getElementById(event.target.data('edge')) : event.target
    item.toggleClass('hovered', isOn)
    if (item.isNode()) item.connectedEdges().toggleClass('hovered', isOn)
    const container = this.cy.container()
    if (container) container.style.cursor = isOn ? 'pointer' : ''
  }

  private selectionOf(event: EventObject): string {
    const { target } = event
    if (target === this.cy) return ''
    const kind: unknown = target.data('kind')
    if (kind === 'node') return `node:${target.id()}`
    if (kind === 'edge') return `edge:${target.id().slice(1)}`
    return kind === 'door' ? `edge:${String(target.data('edge')).slice(1)}` : ''
  }
}

function dataOf(element: GraphElement): Record<string, unknown> {
  // A door's ends are for its place; cytoscape would take `source` and `target` for an edge.
  if (element.kind === 'door') return { id: element.id, kind: 'door', edge: element.edge, door: element.state }
  return { ...element }
}
