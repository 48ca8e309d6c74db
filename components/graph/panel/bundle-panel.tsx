'use client'
import { Button } from '@/components/ui/button'
import { LoadProblem } from '@/components/ui/load-problem'
import { Part } from '@/components/ui/part'
import { countEdges, edgesBetween } from '@/lib/graph/group-members'
import { urgencyOf } from '@/lib/graph/urgency'
import type { GraphEdge, GraphNode } from '@/lib/model/graph'
import { shownText } from '@/lib/model/shown-text'
import { EDGE_STATES } from '@/lib/model/verdict'
import { aiSentence } from '@/lib/view/ai-sentence'
import type { GraphView } from '@/lib/view/graph-view'
import { rowsHref } from '@/lib/view/panel-tabs'
import { EdgeFigures, type RowsOf } from '../edge-figures'
import { StateMark } from '../state-mark'
import { EdgeRow } from './edge-row'
import type { PanelContext } from './panel-context'
import { useFinerGraph } from './use-finer-graph'

const SHOWN = 200

/** An edge that stands for several, or for one of a pod: what it carries, the edges behind it, and the way into it. */
export function BundlePanel({ edge, context }: { edge: GraphEdge; context: PanelContext }) {
  const { graph, windowWords, onSelect, onStepInto } = context
  const [client, server] = [edge.client, edge.server].map((id) => graph.nodes.find((node) => node.id === id))
  const { bundle } = edge
  if (!client || !server) return null
  const into = [client, server].find(({ group }) => group && group.kind !== 'outside')
  return (
    <div className="space-y-4">
      <div>
        <h2 className="text-[15px] font-semibold wrap-anywhere">
          {shownText(client.pod ?? client.label)} → {shownText(server.pod ?? server.label)}
        </h2>
        <p className="text-(--text-muted)">
          {bundle
            ? `Drawn as one: ${bundle.edges} ${bundle.edges === 1 ? 'edge' : 'edges'}, ${windowWords}. Its figures are their sums, its look that of the one that most needs a person.`
            : `Of a pod, ${windowWords}. Evidence is kept per workload.`}
        </p>
      </div>
      {into && onStepInto && (
        <Button className="justify-self-start" onClick={() => onStepInto(into.id)}>
          Step into {into.label}
        </Button>
      )}
      {edge.partOf !== undefined && (
        <Button className="justify-self-start" onClick={() => onSelect(`edge:${edge.partOf}`)}>
          Evidence of the workload’s edge
        </Button>
      )}
      <Part title="Verdicts">
        <ul className="grid gap-0.5">
          {bundle ? (
            EDGE_STATES.filter((state) => bundle.states[state]).map((state) => (
              <li key={state}>
                <StateMark state={state} /> <strong>{bundle.states[state]}</strong>
                {state === bundle.worst && <span className="text-(--text-muted)"> · most needs a person</span>}
              </li>
            ))
          ) : (
            <li>
              <StateMark state={edge.state} />
            </li>
          )}
        </ul>
        <p className="mt-1 wrap-anywhere text-(--text-muted)">
          Ports: {bundle ? bundle.ports.join(', ') : `${edge.serverPort || '–'}/${edge.protocol}`}
        </p>
      </Part>
      <Part title={`Figures of ${windowWords}`}>
        <EdgeFigures edge={edge} hrefOf={(rows) => hrefOf(context.params, edge.id, rows)} />
        {edge.ai && <p className="mt-1">{aiSentence(edge.ai)}</p>}
      </Part>
      {bundle && <Behind client={client} server={server} count={bundle.edges} context={context} onSelect={onSelect} />}
    </div>
  )
}

/** Flow records of all that is drawn as one, and its spans in the dock. */
function hrefOf(params: string, edgeId: string, rows: RowsOf): string | undefined {
  if (rows.what === 'spans' || rows.what === 'failed')
    return `${rowsHref('/graph', params, `edge:${edgeId}`)}&dock=${rows.what === 'spans' ? 'traces' : 'failed'}`
  const of = rows.what === 'staged' ? { pending: 'would_deny' as const } : { outcome: rows.outcome }
  return rowsHref('/flows', params, `edge:${edgeId}`, of)
}

const placeOf = ({ cluster, namespace, group }: GraphNode) => ({
  cluster,
  ...(group?.kind === 'namespace' && { namespace }),
})

interface BehindProps {
  readonly client: GraphNode
  readonly server: GraphNode
  readonly count: number
  readonly context: PanelContext
  onSelect(selected: string): void
}

function Behind({ client, server, count, context, onSelect }: BehindProps) {
  const { data, error, refetch } = useFinerGraph(context, finerOf(client, server, context.view))
  const problem = error && <LoadProblem what="The edges behind it" text={error.message} onRetry={refetch} />
  if (!data) return problem ?? <p className="text-(--text-muted)">Loading the edges behind it …</p>
  const labels = new Map(data.nodes.map((node) => [node.id, node.label]))
  const edges = [...edgesBetween(client, server, data)].sort(
    (a, b) => urgencyOf(b) - urgencyOf(a) || (a.id < b.id ? -1 : 1),
  )
  const listed = countEdges(edges)
  return (
    <Part title={listed > count ? `Edges between them (${listed})` : `Edges behind it (${count})`}>
      {problem}
      {listed > count && (
        <p className="text-(--text-muted)">
          {listed - count} of them {listed - count === 1 ? 'is' : 'are'} within the group and not drawn: neither AI
          traffic nor a problem.
        </p>
      )}
      {listed < count && (
        <p className="text-(--text-muted)">
          {listed === 0 ? 'None' : listed} of them listed: the others are kept off a finer drawing too. Step in to see
          more.
        </p>
      )}
      <ul className="grid gap-1">
        {edges.slice(0, SHOWN).map((edge) => (
          <li key={edge.id}>
            <EdgeRow
              edge={edge}
              label={`${labels.get(edge.client)} → ${labels.get(edge.server)}`}
              onOpen={() => onSelect(`edge:${edge.id}`)}
            />
          </li>
        ))}
      </ul>
    </Part>
  )
}

/** Drawn by workloads in the place of a group among the ends; what stands outside is opened. */
function finerOf(client: GraphNode, server: GraphNode, view: GraphView): Partial<GraphView> {
  const ends = [client, server]
  const place = ends.find(({ group }) => group && group.kind !== 'outside')
  const opened = ends.filter(({ group }) => group?.kind === 'outside').map(({ id }) => id)
  return {
    ...(place && { level: 'workload', inside: placeOf(place) }),
    expanded: [...view.expanded, ...opened],
  }
}
