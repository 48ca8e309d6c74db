import type { GraphElement } from './elements'

/** What a person looks at, each `edge:<id>`, `node:<id>` or '' for nothing. */
export interface Attention {
  readonly selected: string
  readonly hovered: string
  readonly focused: string
  /** What a search found; undefined where nothing is searched for. */
  readonly found: ReadonlySet<string> | undefined
}

export const NO_ATTENTION: Attention = { selected: '', hovered: '', focused: '', found: undefined }

/** The id of an element on the canvas: edges and nodes share ids, so that edges have a letter before. */
export function canvasId(item: string): string {
  const [kind, id = ''] = item.split(':')
  return kind === 'edge' ? `e${id}` : id
}

/**
 * The path of a node or an edge: itself, all that reaches it and all that it reaches, along the direction of calls, with their doors.
 * Undefined where the drawing has no such element. Pure; costs what the drawing holds.
 */
export function pathOf(elements: readonly GraphElement[], item: string): ReadonlySet<string> | undefined {
  const start = canvasId(item)
  const edges = elements.filter((element) => element.kind === 'edge')
  const edge = edges.find(({ id }) => id === start)
  const node = elements.find((element) => element.kind === 'node' && element.id === start)
  if (!edge && !node) return undefined
  const path = new Set<string>([start])
  const walk = (from: string, side: 'source' | 'target', other: 'source' | 'target') => {
    const byEnd = new Map<string, typeof edges>()
    for (const each of edges) {
      const known = byEnd.get(each[side])
      if (known) known.push(each)
      else byEnd.set(each[side], [each])
    }
    const seen = new Set([from])
    for (const at of seen) {
      path.add(at)
      for (const each of byEnd.get(at) ?? []) {
        path.add(each.id)
        seen.add(each[other])
      }
    }
  }
  walk(edge?.source ?? start, 'target', 'source')
  walk(edge?.target ?? start, 'source', 'target')
  for (const element of elements) if (element.kind === 'door' && path.has(element.edge)) path.add(element.id)
  return path
}

/**
 * The classes of each element for what a person looks at, by id on the canvas; elements without any are left out. What is not on the
 * path of what is looked at is dimmed; while something is searched for, what was not found is faint. Pure. `isMany`: dimming would
 * change nearly everything drawn, so what is looked at is marked with its own edges and their ends instead, and nothing is dimmed.
 */
export function emphasisOf(
  elements: readonly GraphElement[],
  attention: Attention,
  isMany = false,
): ReadonlyMap<string, string> {
  const { selected, hovered, focused, found } = attention
  const path = isMany
    ? undefined
    : ((hovered ? pathOf(elements, hovered) : undefined) ?? (selected ? pathOf(elements, selected) : undefined))
  const around = isMany && selected ? aroundOf(elements, canvasId(selected)) : undefined
  const [chosen, over, focus] = [selected, hovered, focused].map((item) => (item ? canvasId(item) : undefined))
  const hits = found && new Set([...found].map(canvasId))
  const classes = new Map<string, string>()
  for (const element of elements) {
    if (element.kind === 'box') continue
    const { id } = element
    const isHit = hits?.has(element.kind === 'door' ? element.edge : id) ?? false
    const isOver =
      id === over ||
      (element.kind === 'edge' && over !== undefined && isEnd(element, over)) ||
      (id !== chosen && around?.has(id) === true)
    const own = [
      isHit && 'found',
      id === chosen && 'chosen',
      isOver && 'hovered',
      id === focus && 'focused',
      path && !path.has(id) && 'dimmed',
      !path && hits && !isHit && 'faint',
    ].filter(Boolean)
    if (own.length > 0) classes.set(id, own.join(' '))
  }
  return classes
}

/** The edges of a node with their other ends, or the ends of an edge. */
function aroundOf(elements: readonly GraphElement[], id: string): ReadonlySet<string> {
  const around = new Set<string>()
  for (const element of elements) {
    if (element.kind !== 'edge' || (element.id !== id && !isEnd(element, id))) continue
    around.add(element.id).add(element.source).add(element.target)
  }
  return around
}

const isEnd = (edge: { readonly source: string; readonly target: string }, id: string): boolean =>
  edge.source === id || edge.target === id
