'use client'
import type { KeyboardEvent } from 'react'
import { Chip } from '@/components/ui/chip'
import { urgencyOf } from '@/lib/graph/urgency'
import type { EdgeBundle, GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import { formatAgo, formatCount } from '@/lib/view/format'
import { DoorMark } from './door-mark'
import { StateMark } from './state-mark'

interface Props {
  readonly graph: ServiceGraph
  readonly selected: string
  readonly nowMs: number
  onSelect(selected: string): void
}

/** The graph as a table: every edge a row that opens its evidence in the panel; arrow keys walk the rows, Enter opens, Esc closes. */
export function GraphTable({ graph, selected, nowMs, onSelect }: Props) {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  // By urgency, then by name: the order must not follow counters that change every second.
  const nameOf = (edge: GraphEdge) =>
    `${nodes.get(edge.client)?.label}\0${nodes.get(edge.server)?.label}\0${edge.serverPort}`
  const rows = [...graph.edges].sort((a, b) => urgencyOf(b) - urgencyOf(a) || nameOf(a).localeCompare(nameOf(b)))
  const isOfMany = new Set(rows.map((edge) => edge.cluster)).size > 1
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">Edges of the service graph in this window</caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-b border-(--border)">
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
                nowMs={nowMs}
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
    <th scope="col" className={`px-3 py-2 font-medium ${isNumber ? 'text-right' : ''}`}>
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
  readonly nowMs: number
  onToggle(): void
}

function EdgeRow({ edge, isOfMany, nodes, isOpen, nowMs, onToggle }: RowProps) {
  const [client, server] = [nodes.get(edge.client), nodes.get(edge.server)]
  const name = `${client?.label} to ${server?.label}, ${edge.bundle ? `${edge.bundle.edges} edges` : `port ${edge.serverPort}`}`
  return (
    <tr
      className={`border-b border-(--border) ${isOpen ? 'bg-(--surface-2)' : 'hover:bg-(--surface-2)'}`}
      data-edge={edge.id}
    >
      {isOfMany && <td className="px-3 py-1.5 whitespace-nowrap text-(--text-muted)">{edge.cluster}</td>}
      <th scope="row" className="px-3 py-1.5 text-left font-normal">
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
        </button>
      </th>
      <td className="px-3 py-1.5">
        <NodeName node={server} />
      </td>
      <td className="px-3 py-1.5">
        {edge.bundle ? <BundlePorts bundle={edge.bundle} /> : `${edge.serverPort || '–'}/${edge.protocol}`}
      </td>
      <td className="px-3 py-1.5">
        <StateMark
          state={edge.state}
          counts={edge.state === 'mixed' ? `${formatCount(edge.passed)} / ${formatCount(edge.denied)}` : undefined}
        />
      </td>
      <td className="px-3 py-1.5">
        {edge.door ? <DoorMark state={edge.door.state} /> : <span className="text-(--text-muted)">–</span>}
      </td>
      <td className="px-3 py-1.5 text-right">
        {edge.variants.length > 0 || edge.bundle ? formatCount(edge.counters.connections) : '–'}
      </td>
      <td className="px-3 py-1.5 text-right whitespace-nowrap">{requestsOf(edge)}</td>
      <td className="px-3 py-1.5 whitespace-nowrap text-(--text-muted)">{formatAgo(nowMs - edge.lastMs)}</td>
    </tr>
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
      <span className="max-w-96 truncate" title={node.pod ?? node.label}>
        {node.pod ?? node.label}
      </span>
      {node.group && (
        <Chip>
          {node.group.kind === 'outside'
            ? `${formatCount(node.group.members)} ${node.group.members === 1 ? 'peer' : 'peers'}`
            : node.group.kind}
        </Chip>
      )}
      {node.aiRole && <Chip>{node.aiRole}</Chip>}
      {node.provider && <Chip>{node.provider.certain ? 'AI provider' : 'possibly AI'}</Chip>}
    </span>
  )
}
