'use client'
import { type KeyboardEvent, useState } from 'react'
import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import { EDGE_STATE_WORD } from '@/lib/model/verdict'
import { DOOR_WORD } from '@/lib/view/door-sentence'
import { groupWords } from '@/lib/view/scope-words'
import type { Point } from './edge-geometry'

interface Props {
  readonly graph: ServiceGraph
  readonly selected: string
  onSelect(selected: string): void
  onFocus(nodeId: string | undefined): void
  placeOf(item: string): Point | undefined
}

const KEYS: Readonly<Record<string, 1 | -1>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

/**
 * The drawing for keyboards and screen readers: one stop of the Tab key, arrow keys walk nodes, each followed by the edges
 * that leave it, Enter selects. The canvas shows a ring around the node in focus.
 */
export function GraphTwin({ graph, selected, onSelect, onFocus, placeOf }: Props) {
  const items = itemsOf(graph)
  const [current, setCurrent] = useState('')
  const stop = items.some(({ id }) => id === current) ? current : items[0]?.id
  const walk = (event: KeyboardEvent<HTMLElement>) => {
    const step = KEYS[event.key]
    if (step === undefined) return
    event.preventDefault()
    const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button')]
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    buttons[(at + step + buttons.length) % buttons.length]?.focus()
  }
  return (
    <ul aria-label="Nodes and edges of the graph; arrow keys walk, Enter opens" className="sr-only" onKeyDown={walk}>
      {items.map(({ id, node, text }) => {
        const place = placeOf(id)
        return (
          <li key={id}>
            <button
              type="button"
              data-graph-item={id}
              data-x={place && Math.round(place.x)}
              data-y={place && Math.round(place.y)}
              tabIndex={id === stop ? 0 : -1}
              aria-pressed={selected === id}
              onClick={() => onSelect(selected === id ? '' : id)}
              onFocus={() => {
                setCurrent(id)
                onFocus(node)
              }}
              onBlur={() => onFocus(undefined)}
            >
              {text}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

interface Item {
  readonly id: string
  /** Node that the ring is drawn around. */
  readonly node: string
  readonly text: string
}

function itemsOf(graph: ServiceGraph): Item[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  return graph.nodes.flatMap((node): Item[] => [
    { id: `node:${node.id}`, node: node.id, text: nodeText(node) },
    ...graph.edges
      .filter((edge) => edge.client === node.id)
      .map((edge) => ({ id: `edge:${edge.id}`, node: edge.server, text: edgeText(edge, nodes) })),
  ])
}

const nodeText = (node: GraphNode): string =>
  [
    nameOf(node),
    node.group && `${node.group.kind === 'outside' ? '' : `${node.group.kind} of `}${groupWords(node.group)}`,
    node.aiRole,
    node.provider && 'AI provider',
  ]
    .filter(Boolean)
    .join(', ')

const nameOf = (node: GraphNode | undefined): string | undefined => node?.pod ?? node?.label

function edgeText(edge: GraphEdge, nodes: ReadonlyMap<string, GraphNode>): string {
  const door = edge.door ? `; ${DOOR_WORD[edge.door.state]}` : ''
  const what = edge.bundle
    ? `${edge.bundle.edges} ${edge.bundle.edges === 1 ? 'edge' : 'edges'}`
    : `port ${edge.serverPort}`
  return `${nameOf(nodes.get(edge.client))} to ${nameOf(nodes.get(edge.server))}, ${what}: ${EDGE_STATE_WORD[edge.state]}${door}`
}
