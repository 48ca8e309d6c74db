import cytoscape, {
  type Core,
  type ElementDefinition,
  type EventObject,
  type NodeCollection,
  type NodeSingular,
} from 'cytoscape'
import { DrawingCamera } from './drawing-camera'
import { type Point, pointOnCurve } from './edge-geometry'
import type { EdgeElement, GraphElement, NodeElement } from './elements'
import { type Attention, emphasisOf, NO_ATTENTION } from './emphasis'
import { LEAST_NAME_PX, type NameSizes, nameSizes, titleOf } from './label-sizes'
import { namePicks } from './name-picks'
import { Picture, type Way } from './picture'
import type { Places } from './shared-places'
import { type Look, stylesheetOf } from './stylesheet'
import { tween } from './tween'

/** Names have other sizes once the camera rests: each size has every name measured anew. */
const NAMES_REST_MS = 150
const LOOKED_AT = /chosen|hovered|focused/
const NAMED = '[kind = "node"], [kind = "box"]'
/** Longer than a pointer takes to pass over something on its way. */
const HOVER_MS = 120
/** Drawn at once, edges beyond this are straight and say nothing. */
const MANY_EDGES = 1200
/** Nodes with more edges than this would not move, but jerk. */
const MAX_MOVING_EDGES = 400
const MOVE_MS = 150

export interface DrawingEvents {
  /** `edge:<id>`, `node:<id>`, or '' for the empty ground. */
  onSelect(selected: string): void
  /** A node was pressed twice. */
  onOpen(nodeId: string): void
  /** A person moved these. */
  onMoved(nodeIds: readonly string[]): void
  /** The camera, the way of an edge, or what stands out is another one. */
  onView(): void
  /** Something stands elsewhere on screen. */
  onPlaces(): void
}

/** One drawn graph: keeps the canvas equal to its elements, and every node where it stands. */
export class GraphDrawing {
  /** What of it is in view. */
  readonly camera: DrawingCamera
  private readonly cy: Core
  private readonly picture = new Picture()
  private given: readonly GraphElement[] = []
  private readonly shown = new Map<string, GraphElement>()
  private attention: Attention = NO_ATTENTION
  private readonly classes = new Map<string, string>()
  private sizes: NameSizes = nameSizes(1, false)
  /** Where there is no room for all names: whose are shown, large. */
  private picked: ReadonlySet<string> | undefined
  private resting: ReturnType<typeof setTimeout> | undefined
  private isPlacing = false
  private isMany = false
  private hovering: ReturnType<typeof setTimeout> | undefined
  private stopMoving: (() => void) | undefined

  /** Without a container it draws nothing and knows all the same: for tests. */
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
    this.camera = new DrawingCamera(this.cy)
    this.cy.on('tap', (event: EventObject) => events.onSelect(itemOf(event, this.cy)))
    this.cy.on('dbltap', 'node[kind = "node"]', (event: EventObject) => events.onOpen(event.target.id()))
    this.cy.on('mouseover', 'node[kind = "node"], edge, node[kind = "door"]', (event) => this.hover(event))
    this.cy.on('mouseout', 'node, edge', () => this.hover(undefined))
    this.cy.on('position', 'node[kind = "node"]', (event) => this.followNode(event.target.id()))
    // What passes under a hand that moves the picture is not looked at.
    this.cy.on('scrollzoom dragpan pinchzoom', () => clearTimeout(this.hovering))
    this.cy.on('zoom', () => this.sizeLabelsSoon())
    this.cy.on('viewport', () => this.tellPlaces())
    this.cy.on('dragfree', 'node[kind = "node"]', (event) => this.leaveNode(event.target.id()))
  }

  destroy(): void {
    clearTimeout(this.hovering)
    clearTimeout(this.resting)
    this.stopMoving?.()
    this.cy.destroy()
  }

  setLook(look: Look): void {
    this.look = look
    this.restyle()
  }

  private tellPlaces(): void {
    this.events.onView()
    this.events.onPlaces()
  }

  private restyle(): void {
    this.cy.style(stylesheetOf(this.look, this.isMany))
    // Sizes went with the sheet before.
    for (const node of this.cy.nodes(NAMED).toArray()) node.removeScratch('size')
    this.sizeLabels()
    this.events.onView()
  }

  /** Something has been drawn. */
  get isDrawn(): boolean {
    return this.shown.size > 0
  }

  drawnNodes = (): string[] => this.picture.nodes().map(({ id }) => id)
  remember = (places: Places): void => this.picture.remember(places)
  needsLayout = (elements: readonly GraphElement[]): boolean => this.picture.needsLayout(elements)
  placesOf = (nodeIds: Iterable<string>): Places => this.picture.placesOf(nodeIds)

  /** Puts nodes at these places and edges on these ways, all at once or within 150 ms. */
  place(places: Places, isAnimated: boolean): void {
    this.stopMoving?.()
    const from = this.picture.placesOf(places.spots.keys()).spots
    this.picture.routes.clear()
    this.adopt(places)
    if (!isAnimated || this.picture.edges().length > MAX_MOVING_EDGES) return
    const between = (id: string, share: number): Point | undefined => {
      const [a, b] = [from.get(id)?.at, places.spots.get(id)?.at]
      return a && b && { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share }
    }
    this.stopMoving = tween(MOVE_MS, (share) => this.moveTo((id) => between(id, share) ?? this.picture.placeOf(id)))
  }

  /** Nodes stand elsewhere than this browser thought. */
  adopt(places: Places): void {
    this.picture.remember(places)
    this.picture.reindex(this.given)
    this.cy.batch(() => this.putAll())
    this.moveTo(this.picture.placeOf)
  }

  private moveTo(placeOf: (id: string) => Point): void {
    this.isPlacing = true
    this.cy.batch(() => {
      for (const { id } of this.picture.nodes()) this.cy.getElementById(id).position({ ...placeOf(id) })
      for (const edge of this.picture.edges()) this.route(edge, this.picture.wayOf(edge, placeOf))
    })
    this.isPlacing = false
    this.sizeLabelsSoon()
    this.tellPlaces()
  }

  /**
   * Draws these elements: what is new appears in free space, what is gone goes, what changed changes, and nothing else moves, nor
   * the camera. Answers the ids of nodes that got a place.
   */
  update(elements: readonly GraphElement[]): readonly string[] {
    const settled = this.picture.change(elements)
    this.given = elements
    const isMany = this.picture.edges().length > MANY_EDGES
    // Before there is anything else to style anew.
    if (isMany !== this.isMany) {
      this.isMany = isMany
      this.restyle()
    }
    this.cy.batch(() => this.putAll())
    this.emphasise()
    if (settled.length > 0) this.sizeLabelsSoon()
    this.events.onView()
    return settled
  }

  private putAll(): void {
    const added = new Set<string>()
    const wanted = new Set(this.picture.elements.map(({ id }) => id))
    const gone = [...this.shown.values()].filter(({ id }) => !wanted.has(id))
    const take = (element: GraphElement) => {
      this.cy.getElementById(element.id).remove()
      this.shown.delete(element.id)
      this.classes.delete(element.id)
    }
    for (const element of gone) if (element.kind !== 'box') take(element)
    for (const element of this.picture.elements) if (this.put(element)) added.add(element.id)
    // Last of all: with a box everything goes that is still in it.
    for (const element of gone) if (element.kind === 'box') take(element)
    if (added.size > 0) this.applySizes(this.cy.nodes(NAMED).filter((node) => added.has(node.id())))
  }

  /** Answers whether it is new. */
  private put(element: GraphElement): boolean {
    const known = this.cy.getElementById(element.id)
    const box = element.kind === 'node' ? this.picture.boxOf(element) : undefined
    if (element.kind === 'node' && known.nonempty() && (known.data('parent') ?? undefined) !== box)
      known.move({ parent: box ?? null })
    const before = this.shown.get(element.id)
    if (before && isSame(before, element)) return false
    this.shown.set(element.id, element)
    const data = dataOf(element, box)
    if (!before) this.cy.add(this.definitionOf(element, data))
    else if (element.kind === 'edge') known.data({ ...data, ...Picture.curveOf(this.picture.wayOf(element)) })
    else known.data(data)
    if (before && element.kind === 'box') this.applySize(known)
    return !before
  }

  private definitionOf(element: GraphElement, data: Record<string, unknown>): ElementDefinition {
    if (element.kind === 'edge')
      return { group: 'edges', data: { ...data, ...Picture.curveOf(this.picture.wayOf(element)) } }
    const edge = element.kind === 'door' ? this.picture.edge(element.edge) : undefined
    const at = edge ? Picture.doorAt(this.picture.wayOf(edge)) : this.picture.spots.get(element.id)?.at
    return {
      group: 'nodes',
      data,
      ...(at && { position: { ...at } }),
      ...(element.kind === 'door' && { grabbable: false }),
    }
  }

  private sizeLabelsSoon(): void {
    clearTimeout(this.resting)
    this.resting = setTimeout(() => this.sizeLabels(), NAMES_REST_MS)
  }

  /** Names as large as the camera wants them. */
  sizeLabels(): void {
    clearTimeout(this.resting)
    const zoom = this.cy.zoom()
    this.sizes = nameSizes(zoom, this.isMany)
    const isTight = !this.isMany && this.sizes.node * zoom < LEAST_NAME_PX
    this.picked = isTight ? namePicks(this.picture.elements, this.sizes, this.picture.placeOf) : undefined
    this.applySizes(this.cy.nodes(NAMED))
  }

  private applySizes(nodes: NodeCollection): void {
    this.cy.batch(() => {
      for (const node of nodes.toArray()) this.applySize(node)
    })
  }

  /** Touches only what changes: a name of another size is measured anew. */
  private applySize(node: NodeSingular): void {
    const id = node.id()
    const isLarge = this.picked?.has(id) || node.data('kind') === 'box' || LOOKED_AT.test(this.classes.get(id) ?? '')
    const isGroup = Boolean(node.data('isGroup'))
    const px = isLarge ? this.sizes.title : isGroup ? this.sizes.group : this.sizes.node
    // The limit of the sheet is rough, as the canvas compares it by powers of two.
    const isHidden = this.picked !== undefined && !isLarge && !isGroup
    const box = this.shown.get(id)
    const title = box?.kind === 'box' ? titleOf(box, px) : undefined
    const size = `${px} ${isHidden} ${isLarge} ${title ?? ''}`
    if (node.scratch('size') === size) return
    node.scratch('size', size)
    node.style({ 'font-size': px, 'text-opacity': isHidden ? 0 : 1 })
    if (title !== undefined) node.style('label', title)
    if (isLarge) node.style('min-zoomed-font-size', 0)
    else node.removeStyle('min-zoomed-font-size')
  }

  private route(edge: EdgeElement, way: Way): void {
    this.cy.getElementById(edge.id).data(Picture.curveOf(way))
    const door = this.picture.doorOf(edge.id)
    if (door) this.cy.getElementById(door.id).position(Picture.doorAt(way))
  }

  private followNode(id: string): void {
    if (this.isPlacing || !this.shown.has(id)) return
    const { x, y } = this.cy.getElementById(id).position()
    this.picture.spots.set(id, { at: { x, y }, part: this.picture.spots.get(id)?.part ?? 0 })
    for (const edge of this.picture.edgesAt(id)) this.route(edge, this.picture.wayOf(edge))
    this.tellPlaces()
  }

  /** A person let go of it. */
  private leaveNode(id: string): void {
    this.picture.moveNode(id, this.cy.getElementById(id).position())
    this.picture.reindex(this.given)
    this.cy.batch(() => this.putAll())
    this.events.onMoved([id])
  }

  /** Shows what a person looks at, and the rest faint. */
  attend(part: Partial<Attention>): void {
    this.attention = { ...this.attention, ...part }
    this.emphasise()
  }

  /** Touches only elements whose classes change. */
  private emphasise(): void {
    const next = emphasisOf(this.picture.elements, this.attention, this.isMany)
    const set = (id: string, classes: string) => {
      if (classes === (this.classes.get(id) ?? '')) return
      const element = this.cy.getElementById(id)
      element.classes(classes)
      if (classes === '') this.classes.delete(id)
      else this.classes.set(id, classes)
      if (element.data('kind') === 'node') this.applySize(element)
    }
    this.cy.batch(() => {
      for (const id of [...this.classes.keys()]) if (!next.has(id)) set(id, '')
      for (const [id, classes] of next) set(id, classes)
    })
    this.events.onView()
  }

  /** Draws the ring of keyboard focus around a node or an edge; '' takes it away. Only what nobody can see moves the camera. */
  focus(item: string, nodeId: string | undefined): void {
    this.attend({ focused: item })
    const node = this.cy.getElementById(nodeId ?? '')
    if (node.empty()) return
    const { x1, y1, x2, y2 } = this.cy.extent()
    const at = node.position()
    if (at.x < x1 || at.x > x2 || at.y < y1 || at.y > y2) this.cy.center(node)
  }

  /** Where a node stands on screen, in px from the canvas' corner. */
  screenPosition(id: string): Point | undefined {
    const node = this.cy.getElementById(id)
    return node.empty() ? undefined : this.onScreen(node.position())
  }

  /** Middle of an edge's curve on screen, in px from the canvas' corner. */
  screenMiddle(id: string): Point | undefined {
    const edge = this.picture.edge(id)
    return edge && this.onScreen(pointOnCurve(...this.picture.wayOf(edge), 0.5))
  }

  private onScreen({ x, y }: Point): Point {
    const [zoom, pan] = [this.cy.zoom(), this.cy.pan()]
    return { x: x * zoom + pan.x, y: y * zoom + pan.y }
  }

  /** The ways of edges that stand out, as lines, for what moves along them. */
  ways(): { readonly edge: EdgeElement; readonly points: readonly Point[] }[] {
    return this.picture.edges().flatMap((edge) => {
      if (edge.source === edge.target || /dimmed|faint/.test(this.classes.get(edge.id) ?? '')) return []
      return [{ edge, points: this.picture.lineOf(edge, this.isMany) }]
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

function dataOf(element: GraphElement, box: string | undefined): Record<string, unknown> {
  // A door's ends are for its place; cytoscape would take `source` and `target` for an edge.
  if (element.kind === 'door') return { id: element.id, kind: 'door', edge: element.edge, door: element.state }
  if (element.kind !== 'node') return { ...element }
  const { parent: _, ...data }: NodeElement = element
  return { ...data, ...(box !== undefined && { parent: box }) }
}

/** Elements hold plain values only. */
function isSame(a: GraphElement, b: GraphElement): boolean {
  const [one, other] = [Object.entries(a), Object.entries(b)]
  return (
    one.length === other.length && one.every(([key, value], at) => other[at]?.[0] === key && other[at][1] === value)
  )
}

/** `edge:<id>` or `node:<id>` of what an event is about; '' for the empty ground. */
function itemOf({ target }: EventObject, cy: Core): string {
  if (target === cy) return ''
  const kind: unknown = target.data('kind')
  if (kind === 'node') return `node:${target.id()}`
  if (kind === 'edge') return `edge:${target.id().slice(1)}`
  return kind === 'door' ? `edge:${String(target.data('edge')).slice(1)}` : ''
}
