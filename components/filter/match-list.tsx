'use client'
import { ChevronDown, ChevronUp, List } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '@/components/ui/button'
import { Popover, PopoverClose, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import { type Found, neighbour } from '@/lib/filter/find-in-graph'
import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import { EDGE_STATE_WORD } from '@/lib/model/verdict'
import { formatCount } from '@/lib/view/format'

/** More than anybody reads; the count says how many there are. */
const SHOWN = 200

interface Props {
  readonly graph: ServiceGraph
  readonly found: Found
  readonly selected: string
  onSelect(item: string): void
}

/** How much was found, the way from match to match, and all of them as a list. Nothing is selected before a person asks. */
export function MatchList({ graph, found, selected, onSelect }: Props) {
  const { matches, total, of } = found
  const at = matches.indexOf(selected)
  const step = (by: 1 | -1) => onSelect(neighbour(matches, selected, by))
  const isNone = matches.length === 0
  return (
    <div className="flex items-center gap-1">
      <span role="status" className="whitespace-nowrap" data-found={matches.length}>
        <strong>{formatCount(matches.length)}</strong> of {formatCount(total)} {of}
        {at >= 0 && <span className="text-(--text-muted)">, at {at + 1}</span>}
      </span>
      <Button
        size="icon"
        aria-label="Previous match"
        title="Keys: N, Shift Enter"
        disabled={isNone}
        onClick={() => step(-1)}
      >
        <ChevronUp aria-hidden size={14} />
      </Button>
      <Button size="icon" aria-label="Next match" title="Keys: n, Enter" disabled={isNone} onClick={() => step(1)}>
        <ChevronDown aria-hidden size={14} />
      </Button>
      <Popover>
        <PopoverTrigger asChild>
          <Button size="icon" aria-label="List of matches" disabled={isNone}>
            <List aria-hidden size={14} />
          </Button>
        </PopoverTrigger>
        <PopoverContent className="max-h-96 w-[28rem] max-w-[90vw] overflow-y-auto p-1" aria-label="Matches">
          <Matches graph={graph} matches={matches} selected={selected} onSelect={onSelect} />
        </PopoverContent>
      </Popover>
    </div>
  )
}

function Matches({
  graph,
  matches,
  selected,
  onSelect,
}: Omit<Props, 'found'> & { readonly matches: readonly string[] }) {
  const words = useMemo(() => wordsOf(graph), [graph])
  return (
    <>
      <ul>
        {matches.slice(0, SHOWN).map((item) => (
          <li key={item}>
            <PopoverClose asChild>
              <button
                type="button"
                aria-current={item === selected}
                className={`w-full rounded px-2 py-1 text-left break-words hover:bg-(--surface-2) ${item === selected ? 'bg-(--surface-2)' : ''}`}
                onClick={() => onSelect(item)}
              >
                {words(item)}
              </button>
            </PopoverClose>
          </li>
        ))}
      </ul>
      {matches.length > SHOWN && (
        <p className="px-2 py-1">{formatCount(matches.length - SHOWN)} more are not listed.</p>
      )}
    </>
  )
}

function wordsOf(graph: ServiceGraph): (item: string) => string {
  const nodes = new Map(graph.nodes.map((node) => [`node:${node.id}`, node]))
  const edges = new Map(graph.edges.map((edge) => [`edge:${edge.id}`, edge]))
  const label = (id: string) => nodes.get(`node:${id}`)?.label ?? ''
  const ofNode = (node: GraphNode) =>
    [node.label, node.aiRole, node.provider && 'AI provider'].filter(Boolean).join(', ')
  const ofEdge = (edge: GraphEdge) =>
    `${label(edge.client)} → ${label(edge.server)}, ${edge.serverPort || '–'}/${edge.protocol}: ${EDGE_STATE_WORD[edge.state]}`
  return (item) => {
    const [node, edge] = [nodes.get(item), edges.get(item)]
    return node ? ofNode(node) : edge ? ofEdge(edge) : ''
  }
}
