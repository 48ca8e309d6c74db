'use client'
import { Button } from '@/components/ui/button'
import { Chip } from '@/components/ui/chip'
import { placeOfNode } from '@/lib/graph/place'
import { urgencyOf } from '@/lib/graph/urgency'
import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'
import { formatBytes, formatCount } from '@/lib/view/format'
import { groupWords } from '@/lib/view/scope-words'
import { DoorMark } from './door-mark'
import { StateMark } from './state-mark'

/** True of an item that stands for several, or for a part: what is known of it is in the drawn graph alone. */
export const isDrawnOnly = (selected: string): boolean => /^(edge|node):[gp]/.test(selected)

interface Props {
  readonly graph: ServiceGraph
  /** `edge:<id>` or `node:<id>` of a group, a bundle, a pod or an edge of one. */
  readonly selected: string
  onSelect(selected: string): void
  onStepInto?(nodeId: string): void
}

/** What is behind a group, a bundle or a pod: its sums, its states, and the way to what it is made of. */
export function GroupPanel({ graph, selected, onSelect, onStepInto }: Props) {
  const [kind, id] = selected.split(':')
  const node = kind === 'node' ? graph.nodes.find((one) => one.id === id) : undefined
  const edge = kind === 'edge' ? graph.edges.find((one) => one.id === id) : undefined
  if (edge) return <EdgeSums graph={graph} edge={edge} onSelect={onSelect} onStepInto={onStepInto} />
  if (!node) return <p className="text-(--text-muted)">It is not on the screen any more.</p>
  const edges = graph.edges.filter((one) => one.client === node.id || one.server === node.id)
  const canStep = placeOfNode(node) !== undefined || node.group?.kind === 'outside'
  return (
    <div className="grid gap-3">
      <h2 className="text-[15px] font-semibold break-words">{node.pod ?? node.label}</h2>
      <p className="flex flex-wrap gap-1.5">
        <Chip>{node.pod !== undefined ? `pod of ${node.label}` : node.group?.kind}</Chip>
        {node.aiRole && <Chip>{node.aiRole}</Chip>}
        <Chip>cluster {node.cluster}</Chip>
      </p>
      {node.group && <p>{groupWords(node.group)}.</p>}
      <p className="flex gap-2">
        {canStep && onStepInto && (
          <Button size="small" aria-keyshortcuts="." title="Key: ." onClick={() => onStepInto(node.id)}>
            {node.group?.kind === 'outside' ? 'Show each peer' : 'Step into'}
          </Button>
        )}
        {node.partOf !== undefined && (
          <Button size="small" onClick={() => onSelect(`node:${node.partOf}`)}>
            Facts of its workload
          </Button>
        )}
      </p>
      <ul className="grid gap-1">
        {[...edges]
          .sort((a, b) => urgencyOf(b) - urgencyOf(a) || (a.id < b.id ? -1 : 1))
          .slice(0, EDGES_SHOWN)
          .map((one) => (
            <li key={one.id}>
              <button
                type="button"
                className="w-full rounded-md border border-(--border) px-2 py-1 text-left hover:bg-(--surface-2)"
                onClick={() => onSelect(`edge:${one.id}`)}
              >
                <span className="block break-words">{titleOf(graph, one)}</span>
                <span className="flex flex-wrap gap-x-3 text-(--text-muted)">
                  <StateMark state={one.state} />
                  {one.door && <DoorMark state={one.door.state} />}
                </span>
              </button>
            </li>
          ))}
      </ul>
      {edges.length > EDGES_SHOWN && (
        <p className="text-(--text-muted)">{formatCount(edges.length - EDGES_SHOWN)} more are in the table.</p>
      )}
    </div>
  )
}

const EDGES_SHOWN = 100

function EdgeSums({ graph, edge, onSelect, onStepInto }: Omit<Props, 'selected'> & { readonly edge: GraphEdge }) {
  const ends = graph.nodes.filter((node) => node.id === edge.client || node.id === edge.server)
  const { counters, bundle } = edge
  const figures: [string, number, (value: number) => string][] = [
    ['Passed', edge.passed, formatCount],
    ['Denied', edge.denied, formatCount],
    ['Would be denied', edge.wouldBeDenied, formatCount],
    ['Dropped', edge.dropped, formatCount],
    ['Connections', counters.connections, formatCount],
    ['Requests', counters.requests, formatCount],
    ['Calls traced', counters.spans, formatCount],
    ['Sent', counters.bytesSent, formatBytes],
    ['Received', counters.bytesReceived, formatBytes],
    ['Open findings', edge.openFindings, formatCount],
  ]
  return (
    <div className="grid gap-3">
      <h2 className="text-[15px] font-semibold break-words">{titleOf(graph, edge)}</h2>
      <p className="flex flex-wrap items-center gap-2">
        <StateMark state={edge.state} {...(edge.state === 'mixed' && { counts: `${edge.passed} / ${edge.denied}` })} />
        {edge.door && <DoorMark state={edge.door.state} />}
      </p>
      {bundle && (
        <>
          <p>
            {formatCount(bundle.edges)} {bundle.edges === 1 ? 'edge' : 'edges'} drawn as one. Port{' '}
            {bundle.ports.join(', ')}
            {bundle.ports.length === 8 ? ', …' : ''}.
          </p>
          <ul className="grid gap-0.5">
            {EDGE_STATES.filter((state) => bundle.states[state]).map((state) => (
              <li key={state}>
                <StateMark state={state} /> <strong>{formatCount(bundle.states[state] ?? 0)}</strong>
              </li>
            ))}
          </ul>
        </>
      )}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5">
        {figures
          .filter(([, value]) => value > 0)
          .map(([name, value, format]) => (
            <div key={name} className="contents">
              <dt className="text-(--text-muted)">{name}</dt>
              <dd>{format(value)}</dd>
            </div>
          ))}
      </dl>
      <p className="flex flex-wrap gap-2">
        {edge.partOf !== undefined && (
          <Button size="small" onClick={() => onSelect(`edge:${edge.partOf}`)}>
            Evidence of the workload’s edge
          </Button>
        )}
        {onStepInto &&
          ends
            .filter((node) => node.group)
            .map((node) => (
              <Button key={node.id} size="small" onClick={() => onStepInto(node.id)}>
                {node.group?.kind === 'outside' ? 'Show each peer' : `Step into ${node.label}`}
              </Button>
            ))}
      </p>
    </div>
  )
}

function titleOf({ nodes }: ServiceGraph, edge: GraphEdge): string {
  const nameOf = (id: string) => {
    const node = nodes.find((one) => one.id === id)
    return node?.pod ?? node?.label ?? '?'
  }
  return edge.client === edge.server
    ? `Between members of ${nameOf(edge.client)}`
    : `${nameOf(edge.client)} → ${nameOf(edge.server)}`
}
