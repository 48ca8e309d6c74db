import { Part } from '@/components/ui/part'
import { urgencyOf } from '@/lib/graph/urgency'
import type { GraphEdge } from '@/lib/model/graph'
import type { NodeDetail } from '@/lib/model/node-detail'
import { EDGE_STATES } from '@/lib/model/verdict'
import { StateMark } from '../state-mark'
import { EdgeRow } from './edge-row'
import type { PanelContext } from './panel-context'

const EDGES_SHOWN = 100

interface Props {
  readonly detail: NodeDetail
  readonly context: PanelContext
  /** A figure of denials was pressed: their records are wanted. */
  onDenied(): void
}

/** A node's edges in both directions, counted by verdict, the worst first, whatever the view hides. */
export function NodeEdges({ detail, context, onDenied }: Props) {
  const { id } = detail.node
  return (
    <>
      <Edges
        title="Calls"
        edges={detail.edges.filter((edge) => edge.client === id)}
        end="server"
        {...{ detail, context, onDenied }}
      />
      <Edges
        title="Is called by"
        edges={detail.edges.filter((edge) => edge.server === id)}
        end="client"
        {...{ detail, context, onDenied }}
      />
    </>
  )
}

interface EdgesProps extends Props {
  readonly title: string
  readonly edges: readonly GraphEdge[]
  readonly end: 'client' | 'server'
}

function Edges({ title, edges, end, detail, context, onDenied }: EdgesProps) {
  if (edges.length === 0) return null
  const peers = new Map([detail.node, ...detail.peers].map((node) => [node.id, node]))
  const sorted = [...edges].sort((a, b) => urgencyOf(b) - urgencyOf(a) || (a.id < b.id ? -1 : 1))
  return (
    <Part title={`${title} (${edges.length})`}>
      <p className="mb-1 flex flex-wrap gap-x-3 text-[12px]">
        {EDGE_STATES.map((state) => {
          const count = edges.filter((edge) => edge.state === state).length
          if (count === 0) return null
          const text = (
            <>
              <StateMark state={state} /> {count}
            </>
          )
          return state.startsWith('denied') ? (
            <button key={state} type="button" className="hover:underline" onClick={onDenied}>
              {text}
            </button>
          ) : (
            <span key={state}>{text}</span>
          )
        })}
      </p>
      <ul className="grid gap-1">
        {sorted.slice(0, EDGES_SHOWN).map((edge) => (
          <li key={edge.id}>
            <EdgeRow
              edge={edge}
              label={peers.get(edge[end])?.label ?? 'a node that is not known'}
              onOpen={() => context.onSelect(`edge:${edge.id}`)}
            />
          </li>
        ))}
      </ul>
      {edges.length > EDGES_SHOWN && <p>{edges.length - EDGES_SHOWN} more are in the table.</p>}
    </Part>
  )
}
