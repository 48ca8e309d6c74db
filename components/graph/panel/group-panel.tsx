'use client'
import { Button } from '@/components/ui/button'
import { Chip } from '@/components/ui/chip'
import { LoadProblem } from '@/components/ui/load-problem'
import { Part } from '@/components/ui/part'
import { membersOf } from '@/lib/graph/group-members'
import { urgencyOf } from '@/lib/graph/urgency'
import type { GraphEdge, GraphNode } from '@/lib/model/graph'
import { shownText } from '@/lib/model/shown-text'
import { CLASS_WORD, roleWord } from '@/lib/view/class-words'
import type { GraphView } from '@/lib/view/graph-view'
import { EdgeRow } from './edge-row'
import type { PanelContext } from './panel-context'
import { useFinerGraph } from './use-finer-graph'

const KIND_WORD = { cluster: 'cluster', namespace: 'namespace', outside: 'outside, without a provider’s name' } as const
const SHOWN = 200

/** A node that stands for several endpoints, or for a pod: what it is, its members, its edges as drawn, and the way into it. */
export function GroupPanel({ node, context }: { node: GraphNode; context: PanelContext }) {
  const { graph, onSelect } = context
  const nodes = new Map(graph.nodes.map((one) => [one.id, one]))
  const edges = graph.edges.filter(({ client, server }) => client === node.id || server === node.id)
  const otherOf = (edge: GraphEdge) => nodes.get(edge.client === node.id ? edge.server : edge.client)?.label ?? ''
  return (
    <div className="space-y-4">
      <div>
        <h2 className="text-[15px] font-semibold wrap-anywhere">{shownText(node.pod ?? node.label)}</h2>
        <p className="mt-1 flex flex-wrap gap-1.5">
          <Chip>{node.group ? KIND_WORD[node.group.kind] : 'pod'}</Chip>
          <Chip>cluster {shownText(node.cluster)}</Chip>
        </p>
      </div>
      <p>{whatItIs(node)}</p>
      <WayIn node={node} context={context} />
      {node.group && <Members group={node} context={context} />}
      <Part title={`Edges as drawn (${edges.length})`}>
        <ul className="grid gap-1">
          {[...edges]
            .sort((a, b) => urgencyOf(b) - urgencyOf(a) || (a.id < b.id ? -1 : 1))
            .slice(0, SHOWN)
            .map((edge) => (
              <li key={edge.id}>
                <EdgeRow
                  edge={edge}
                  label={`${edge.client === node.id ? '→' : '←'} ${otherOf(edge)}`}
                  onOpen={() => onSelect(`edge:${edge.id}`)}
                />
              </li>
            ))}
        </ul>
      </Part>
    </div>
  )
}

function whatItIs({ group, pod, namespace, name }: GraphNode): string {
  if (group)
    return `Drawn as one: ${group.members} ${group.members === 1 ? 'endpoint' : 'endpoints'} with an edge in this view; ${group.innerEdges} ${group.innerEdges === 1 ? 'edge is' : 'edges are'} wholly within it and not drawn.`
  return `${shownText(pod ?? 'A pod')} of workload ${shownText(namespace ? `${namespace} / ${name}` : name)}. Evidence, history and policies are kept per workload, not per pod.`
}

function WayIn({ node, context }: { node: GraphNode; context: PanelContext }) {
  const { onSelect, onStepInto } = context
  const { group, id, partOf } = node
  if (partOf !== undefined)
    return (
      <Button className="justify-self-start" onClick={() => onSelect(`node:${partOf}`)}>
        Facts of its workload
      </Button>
    )
  if (!group || !onStepInto) return null
  return (
    <Button className="justify-self-start" aria-keyshortcuts="." title="Key: ." onClick={() => onStepInto(id)}>
      {group.kind === 'outside' ? 'Show each peer' : 'Step into'}
    </Button>
  )
}

/** A group's view drawn finer, as far as the group reaches. */
function finerOf(group: GraphNode, view: GraphView): Partial<GraphView> {
  if (group.group?.kind === 'outside') return { expanded: [...view.expanded, group.id] }
  const { cluster, namespace } = group
  return { level: 'workload', inside: { cluster, ...(group.group?.kind === 'namespace' && { namespace }) } }
}

function Members({ group, context }: { group: GraphNode; context: PanelContext }) {
  const { data, error, refetch } = useFinerGraph(context, finerOf(group, context.view))
  const problem = error && <LoadProblem what="The members" text={error.message} onRetry={refetch} />
  if (!data) return problem ?? <p className="text-(--text-muted)">Loading the members …</p>
  const members = membersOf(group, data)
  const total = Math.max(members.length, group.group?.members ?? 0)
  return (
    <Part title={`Members (${total})`}>
      {problem}
      {members.length < total && (
        <p className="text-(--text-muted)">
          {members.length === 0 ? 'None' : `${members.length}`} of them listed: the others are kept off a finer drawing
          too. Step in to see more.
        </p>
      )}
      <ul className="grid">
        {members.slice(0, SHOWN).map((member) => (
          <li key={member.id}>
            <button
              type="button"
              className="flex w-full flex-wrap gap-x-2 rounded-md px-1 py-0.5 text-left hover:bg-(--surface-2)"
              onClick={() => context.onSelect(`node:${member.id}`)}
            >
              <span className="wrap-anywhere">{member.label}</span>
              <span className="text-(--text-muted)">
                {member.aiRole ? roleWord(member.aiRole) : CLASS_WORD[member.class]}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {members.length > SHOWN && <p className="text-(--text-muted)">{members.length - SHOWN} more.</p>}
    </Part>
  )
}
