'use client'
import type { KeyboardEvent } from 'react'
import { FilterHere } from '@/components/filter/filter-here'
import { Chip } from '@/components/ui/chip'
import { type FilterTerm, termsOfNode, termsOfPort } from '@/lib/filter/chips-of-node'
import { urgencyOf } from '@/lib/graph/urgency'
import type { ChipSide, FilterChip } from '@/lib/model/filter-chip'
import type { EdgeBundle, EdgeChange, GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import { roleWord } from '@/lib/view/class-words'
import { counted, formatAgo, formatCount } from '@/lib/view/format'
import { CHANGE_WORD } from '@/lib/view/time-words'
import { deciderNames } from '@/lib/view/verdict-sentence'
import { DoorMark } from './door-mark'
import { StateMark } from './state-mark'

interface Props {
  readonly graph: ServiceGraph
  readonly selected: string
  readonly nowMs: number
  /** `edge:<id>` of what a search found, which is marked; undefined where nothing is searched for. */
  readonly found?: ReadonlySet<string> | undefined
  /** By edge id: how edges differ from the window that this one is compared with. */
  readonly changes?: ReadonlyMap<string, EdgeChange>
  onSelect(selected: string): void
  /** A person filters by what a cell shows; absent where nothing can be filtered. */
  onFilter?(chip: FilterChip): void
}

/** The graph as a table: every edge a row that opens its evidence in the panel; arrow keys walk the rows, Enter opens, Esc closes. */
export function GraphTable({ graph, selected, nowMs, found, changes, onSelect, onFilter }: Props) {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  // By urgency, then by name: the order must not follow counters that change every second.
  const nameOf = (edge: GraphEdge) =>
    `${nodes.get(edge.client)?.label}\0${nodes.get(edge.server)?.label}\0${edge.serverPort}`
  const isChanged = (edge: GraphEdge) => Number(changes?.has(edge.id) ?? false)
  const rows = [...graph.edges].sort(
    (a, b) => isChanged(b) - isChanged(a) || urgencyOf(b) - urgencyOf(a) || nameOf(a).localeCompare(nameOf(b)),
  )
  const isOfMany = new Set(rows.map((edge) => edge.cluster)).size > 1
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">Edges of the service graph in this window</caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-b border-(--border)">
            {changes && <Heading title="Change" />}
            {isOfMany && <Heading title="Cluster" />}
            {['From', 'To', 'Port', 'Verdict', 'Door'].map((title) => (
              <Heading key={title} title={title} />
            ))}
            <Heading title="Connections" isNumber />
            <Heading title="Requests" isNumber />
            <Heading title="Last seen" />
          </tr>
        </thead>
        <tbody>
          {rows.map((edge) => {
            const isOpen = selected === `edge:${edge.id}`
            return (
              <EdgeRow
                key={edge.id}
                edge={edge}
                isOfMany={isOfMany}
                nodes={nodes}
                isOpen={isOpen}
                isFound={found?.has(`edge:${edge.id}`) ?? false}
                nowMs={nowMs}
                {...(onFilter && { onFilter })}
                {...(changes && { change: changes.get(edge.id) ?? 'none' })}
                onToggle={() => onSelect(isOpen ? '' : `edge:${edge.id}`)}
              />
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Heading({ title, isNumber }: { title: string; isNumber?: boolean }) {
  return (
    <th scope="col" className={`px-2.5 py-1.5 font-medium whitespace-nowrap ${isNumber ? 'text-right' : ''}`}>
      {title}
    </th>
  )
}

/** Requests as flow records count them; where only traces speak of the edge, the calls that they saw. */
function requestsOf(edge: GraphEdge): string {
  const { requests, spans } = edge.counters
  if (requests) return formatCount(requests)
  return spans ? `${formatCount(spans)} traced` : '–'
}

interface RowProps {
  readonly edge: GraphEdge
  /** Edges of several clusters are shown: each says which is its own. */
  readonly isOfMany: boolean
  readonly nodes: ReadonlyMap<string, GraphNode>
  readonly isOpen: boolean
  readonly isFound: boolean
  readonly nowMs: number
  /** Absent where nothing is compared. */
  readonly change?: EdgeChange | 'none'
  onToggle(): void
  onFilter?(chip: FilterChip): void
}

function EdgeRow({ edge, isOfMany, nodes, isOpen, isFound, nowMs, change, onToggle, onFilter }: RowProps) {
  const [client, server] = [nodes.get(edge.client), nodes.get(edge.server)]
  const name = `${client?.label} to ${server?.label}, ${edge.bundle ? counted(edge.bundle.edges, 'edge', 'edges') : `port ${edge.serverPort}`}`
  const here = (terms: readonly FilterTerm[], side: ChipSide) =>
    onFilter && <FilterHere isQuiet terms={terms} side={side} onFilter={onFilter} />
  return (
    <tr
      className={`group border-b border-(--border) ${isOpen ? 'bg-(--surface-2)' : 'hover:bg-(--surface-2)'} ${
        isFound ? 'shadow-[inset_3px_0_var(--accent)]' : ''
      }`}
      data-edge={edge.id}
      data-found={isFound || undefined}
    >
      {change && <td className="px-2.5 py-1.5 whitespace-nowrap">{change === 'none' ? '–' : CHANGE_WORD[change]}</td>}
      {isOfMany && <td className="px-2.5 py-1.5 whitespace-nowrap text-(--text-muted)">{edge.cluster}</td>}
      <th scope="row" className="px-2.5 py-1.5 text-left font-normal whitespace-nowrap">
        <button
          type="button"
          data-row
          className="text-left whitespace-nowrap"
          aria-expanded={isOpen}
          aria-label={`Evidence of ${name}`}
          onClick={onToggle}
          onKeyDown={(event) => walk(event, isOpen, onToggle)}
        >
          <span aria-hidden className="mr-1.5 text-(--text-muted)">
            {isOpen ? '▾' : '▸'}
          </span>
          <NodeName node={client} />
          {isFound && <span className="sr-only">, found</span>}
        </button>
        {client && here(termsOfNode(client), 'source')}
      </th>
      <td className="px-2.5 py-1.5 whitespace-nowrap">
        <NodeName node={server} />
        {server && here(termsOfNode(server), 'destination')}
      </td>
      <td className="px-2.5 py-1.5 whitespace-nowrap">
        {edge.bundle ? <BundlePorts bundle={edge.bundle} /> : `${edge.serverPort || '–'}/${edge.protocol}`}
        {!edge.bundle && here(termsOfPort(edge), 'either')}
      </td>
      <td className="px-2.5 py-1.5 whitespace-nowrap">
        <StateMark
          state={edge.state}
          counts={edge.state === 'mixed' ? `${formatCount(edge.passed)} / ${formatCount(edge.denied)}` : undefined}
        />
        {here([{ field: 'verdict', value: edge.state }], 'either')}
        <Deciders edge={edge} />
      </td>
      <td className="px-2.5 py-1.5 whitespace-nowrap">
        {edge.door ? <DoorMark state={edge.door.state} /> : <span className="text-(--text-muted)">–</span>}
        {edge.door && here([{ field: 'door', value: edge.door.state }], 'either')}
      </td>
      <td className="px-2.5 py-1.5 text-right">
        {edge.variants.length > 0 || edge.bundle ? formatCount(edge.counters.connections) : '–'}
      </td>
      <td className="px-2.5 py-1.5 text-right whitespace-nowrap">{requestsOf(edge)}</td>
      <td className="px-2.5 py-1.5 whitespace-nowrap text-(--text-muted)">{formatAgo(nowMs - edge.lastMs)}</td>
    </tr>
  )
}

/** By which policies, as far as sources named them. */
function Deciders({ edge }: { readonly edge: GraphEdge }) {
  const names = deciderNames(edge).join(', ')
  if (names === '') return null
  return (
    <span className="block max-w-44 truncate pl-7 text-(--text-muted)" title={names}>
      by {names}
    </span>
  )
}

/** The ports of several edges in one row, the most used ones, and how many edges they are. */
function BundlePorts({ bundle }: { readonly bundle: EdgeBundle }) {
  const ports = bundle.ports.join(', ')
  return (
    <span title={ports} className="whitespace-nowrap">
      {bundle.ports.slice(0, PORTS_SHOWN).join(', ')}
      {bundle.ports.length > PORTS_SHOWN && ', …'}
      {bundle.edges > 1 && <span className="text-(--text-muted)"> · {formatCount(bundle.edges)} edges</span>}
    </span>
  )
}

const PORTS_SHOWN = 2

function walk(event: KeyboardEvent<HTMLButtonElement>, isOpen: boolean, onToggle: () => void): void {
  if (event.key === 'Escape' && isOpen) onToggle()
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  event.preventDefault()
  const all = [...(event.currentTarget.closest('table')?.querySelectorAll<HTMLButtonElement>('button[data-row]') ?? [])]
  all[all.indexOf(event.currentTarget) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus()
}

function NodeName({ node }: { node: GraphNode | undefined }) {
  if (!node) return null
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span className="max-w-64 truncate" title={node.pod ?? node.label}>
        {node.pod ?? node.label}
      </span>
      {node.group && (
        <Chip>
          {node.group.kind === 'outside'
            ? `${formatCount(node.group.members)} ${node.group.members === 1 ? 'peer' : 'peers'}`
            : node.group.kind}
        </Chip>
      )}
      {node.aiRole && <Chip>{roleWord(node.aiRole)}</Chip>}
      {node.provider && <Chip>{node.provider.certain ? 'AI provider' : 'possibly AI'}</Chip>}
    </span>
  )
}
