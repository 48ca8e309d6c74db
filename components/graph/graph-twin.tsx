'use client'
import { type KeyboardEvent, memo, useCallback, useMemo, useRef, useState } from 'react'
import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'
import { edgeSentence, nodeSentence } from '@/lib/view/graph-sentences'
import type { Point } from './edge-geometry'
import { type Direction, nearestNode } from './nearest-node'

interface Props {
  readonly graph: ServiceGraph
  readonly selected: string
  onSelect(selected: string): void
  /** The item in focus, and the node to keep in sight; '' and undefined without one. */
  onFocus(item: string, nodeId: string | undefined): void
  onStepInto?(nodeId: string): void
  /** The same function as long as the drawing is the same. */
  placeOf(item: string): Point | undefined
  /** Another number whenever items may stand elsewhere on screen. */
  placesVersion: number
}

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/**
 * The drawing for keyboards and screen readers: one stop of the Tab key. Arrow keys go to the nearest node that way, `[` and `]` walk
 * the edges of the node, Enter opens what is known of either, `.` steps into the node, Esc goes back: from an edge to its node,
 * then out of what is open. The canvas shows a ring around what has the focus.
 */
export function GraphTwin({ graph, selected, onSelect, onFocus, onStepInto, placeOf, placesVersion }: Props) {
  const groups = useMemo(() => groupsOf(graph), [graph])
  const groupOf = useMemo(
    () => new Map(groups.flatMap(({ id, items }) => items.map((item): [string, string] => [item.id, id]))),
    [groups],
  )
  const list = useRef<HTMLUListElement>(null)
  const [current, setCurrent] = useState('')
  /** The node whose edges are walked. */
  const anchor = useRef('')
  const stop = groupOf.has(current) ? current : (groups[0]?.items[0]?.id ?? '')
  const latest = useRef({ selected, onSelect, onFocus })
  latest.current = { selected, onSelect, onFocus }

  const goTo = (item: string | undefined) => {
    if (item !== undefined) list.current?.querySelector<HTMLElement>(`[data-graph-item="${CSS.escape(item)}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const isHandled = walk(event.key, { graph, current, anchor: anchor.current, selected }, placeOf, goTo)
    if (event.key === '.' && onStepInto && anchor.current) onStepInto(anchor.current)
    else if (event.key === 'Escape' && current.startsWith('node:') && selected) onSelect('')
    else if (!isHandled) return
    event.preventDefault()
    event.stopPropagation()
  }
  const focused = useCallback((item: Item) => {
    setCurrent(item.id)
    if (item.id.startsWith('node:') || !item.ends.includes(anchor.current)) anchor.current = item.ends[0] ?? ''
    const other = item.ends.find((end) => end !== anchor.current) ?? anchor.current
    latest.current.onFocus(item.id, item.id.startsWith('node:') ? anchor.current : other)
  }, [])
  const pressed = useCallback((id: string) => latest.current.onSelect(latest.current.selected === id ? '' : id), [])
  const blurred = useCallback(() => latest.current.onFocus('', undefined), [])
  return (
    <ul
      ref={list}
      aria-label="Nodes and edges of the graph. Arrow keys go to the nearest node, [ and ] walk its edges, Enter opens."
      className="sr-only contain-strict"
      onKeyDown={onKeyDown}
    >
      {groups.map((group) => (
        <TwinGroup
          key={group.id}
          items={group.items}
          stop={groupOf.get(stop) === group.id ? stop : ''}
          selected={groupOf.get(selected) === group.id ? selected : ''}
          placeOf={placeOf}
          placesVersion={placesVersion}
          onPress={pressed}
          onFocus={focused}
          onBlur={blurred}
        />
      ))}
    </ul>
  )
}

interface GroupProps {
  readonly items: readonly Item[]
  /** Of this group; '' where it is in another one. */
  readonly stop: string
  readonly selected: string
  readonly placesVersion: number
  placeOf(item: string): Point | undefined
  onPress(id: string): void
  onFocus(item: Item): void
  onBlur(): void
}

/** A node and the edges that leave it: what is selected or in focus concerns one of thousands. */
const TwinGroup = memo(function TwinGroup({ items, stop, selected, placeOf, onPress, onFocus, onBlur }: GroupProps) {
  return items.map((item) => {
    const place = placeOf(item.id)
    return (
      <TwinItem
        key={item.id}
        item={item.id}
        text={item.text}
        ends={item.ends.join(' ')}
        x={place && Math.round(place.x)}
        y={place && Math.round(place.y)}
        isStop={item.id === stop}
        isSelected={item.id === selected}
        onPress={onPress}
        onFocus={onFocus}
        onBlur={onBlur}
      />
    )
  })
})

interface ItemProps {
  readonly item: string
  readonly text: string
  /** Ids of its nodes, with spaces between: a value that stays the same while the item does. */
  readonly ends: string
  readonly x: number | undefined
  readonly y: number | undefined
  readonly isStop: boolean
  readonly isSelected: boolean
  onPress(id: string): void
  onFocus(item: Item): void
  onBlur(): void
}

/** Drawn again only where something of it changed: a live graph has thousands. */
const TwinItem = memo(function TwinItem(props: ItemProps) {
  const { item, text, ends, x, y, isStop, isSelected, onPress, onFocus, onBlur } = props
  return (
    <li>
      <button
        type="button"
        data-graph-item={item}
        data-x={x}
        data-y={y}
        tabIndex={isStop ? 0 : -1}
        aria-pressed={isSelected}
        onClick={() => onPress(item)}
        onFocus={() => onFocus({ id: item, text, ends: ends.split(' ') })}
        onBlur={onBlur}
      >
        {text}
      </button>
    </li>
  )
})

interface Item {
  readonly id: string
  readonly text: string
  /** Of a node itself, of an edge its client and its server. */
  readonly ends: readonly string[]
}

interface Group {
  readonly id: string
  readonly items: readonly Item[]
}

/** Every node, followed by the edges that leave it. */
function groupsOf(graph: ServiceGraph): Group[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const leaving = new Map<string, GraphEdge[]>()
  const arriving = new Map<string, number>()
  for (const edge of graph.edges) {
    const known = leaving.get(edge.client)
    if (known) known.push(edge)
    else leaving.set(edge.client, [edge])
    arriving.set(edge.server, (arriving.get(edge.server) ?? 0) + 1)
  }
  return graph.nodes.map((node): Group => {
    const out = leaving.get(node.id) ?? []
    const edges = { out: out.length, in: arriving.get(node.id) ?? 0 }
    const items = [
      { id: `node:${node.id}`, text: nodeSentence(node, edges), ends: [node.id] },
      ...out.map((edge) => ({
        id: `edge:${edge.id}`,
        text: edgeSentence(edge, nodes),
        ends: [edge.client, edge.server],
      })),
    ]
    return { id: node.id, items }
  })
}

interface Walk {
  readonly graph: ServiceGraph
  readonly current: string
  readonly anchor: string
  readonly selected: string
}

/** Answers whether the key means a step here, also where there is nowhere to go. */
function walk(
  key: string,
  { graph, current, anchor }: Walk,
  placeOf: (item: string) => Point | undefined,
  goTo: (item: string | undefined) => void,
): boolean {
  const direction = DIRECTIONS[key]
  if (direction) {
    const from = placeOf(current) ?? placeOf(`node:${anchor}`)
    const others = graph.nodes.flatMap(({ id }) => {
      const at = id === anchor && current.startsWith('node:') ? undefined : placeOf(`node:${id}`)
      return at ? [{ id, at }] : []
    })
    const next = from && nearestNode(from, others, direction)
    goTo(next && `node:${next.id}`)
    return true
  }
  if (key === '[' || key === ']') {
    const edges = graph.edges.filter(({ client, server }) => client === anchor || server === anchor)
    const at = edges.findIndex(({ id }) => `edge:${id}` === current)
    const step = key === ']' ? 1 : -1
    const next = at < 0 ? (step === 1 ? 0 : edges.length - 1) : (at + step + edges.length) % edges.length
    goTo(edges[next] && `edge:${edges[next].id}`)
    return true
  }
  if (key === 'Home' || key === 'End') {
    const node = graph.nodes.at(key === 'Home' ? 0 : -1)
    goTo(node && `node:${node.id}`)
    return true
  }
  if (key === 'Escape' && current.startsWith('edge:')) {
    goTo(`node:${anchor}`)
    return true
  }
  return false
}
