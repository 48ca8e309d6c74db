'use client'
import { useQuery } from '@tanstack/react-query'
import { FilterHere } from '@/components/filter/filter-here'
import { fetchJson } from '@/components/providers/fetch-json'
import { Chip } from '@/components/ui/chip'
import { termsOfNode } from '@/lib/filter/chips-of-node'
import { urgencyOf } from '@/lib/graph/urgency'
import type { FilterChip } from '@/lib/model/filter-chip'
import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import type { NodeDetail } from '@/lib/model/node-detail'
import { formatCount } from '@/lib/view/format'
import { DoorMark } from './door-mark'
import { PanelProblem } from './panel-problem'
import { RecentFlows } from './recent-flows'
import { StateMark } from './state-mark'

interface Props {
  readonly graph: ServiceGraph
  readonly nodeId: string
  readonly params: string
  readonly windowWords: string
  onSelect(selected: string): void
  onFilter?(chip: FilterChip): void
}

const CLASS_WORD: Readonly<Record<GraphNode['class'], string>> = {
  workload: 'workload',
  host: 'cluster nodes',
  'kube-apiserver': 'Kubernetes API server',
  ingress: 'ingress',
  'network-set': 'network set',
  external: 'outside the cluster',
  internet: 'the internet, without a name',
  provider: 'AI provider',
  database: 'database, as traces name it',
  queue: 'message queue or topic',
  local: 'inside the pod, by its own address',
  caller: 'caller that no trace names',
  claimed: 'AI provider by the workload’s word; no host is known',
}

/** The node panel: what it is and how we know, and its edges, the worst first, whatever the view hides. */
export function NodePanel({ graph, nodeId, params, windowWords, onSelect, onFilter }: Props) {
  const { data, error, refetch } = useQuery({
    queryKey: ['node', nodeId, params, graph.revision],
    queryFn: () => fetchJson<NodeDetail>(`/api/nodes/${nodeId}?${params}`),
    placeholderData: (before) => (before?.node.id === nodeId ? before : undefined),
  })
  if (error) return <PanelProblem text={error.message} onRetry={() => void refetch()} />
  if (!data) return <p className="text-(--text-muted)">Loading the node …</p>
  const { node } = data
  return (
    <div className="grid gap-4">
      <div>
        <div className="flex items-start gap-1">
          <h2 className="text-[15px] font-semibold break-words">{node.label}</h2>
          {onFilter && <FilterHere terms={termsOfNode(node)} side="either" onFilter={onFilter} />}
        </div>
        <p className="mt-1 flex flex-wrap gap-1.5">
          <Chip>{CLASS_WORD[node.class]}</Chip>
          {node.aiRole && <Chip>{node.aiRole}</Chip>}
          <Chip>cluster {node.cluster}</Chip>
        </p>
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5">
        {factsOf(data).map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-(--text-muted)">{name}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
      </dl>
      <Edges
        title="Calls"
        edges={data.edges.filter((edge) => edge.client === nodeId)}
        other={(edge) => edge.server}
        detail={data}
        onSelect={onSelect}
      />
      <Edges
        title="Is called by"
        edges={data.edges.filter((edge) => edge.server === nodeId)}
        other={(edge) => edge.client}
        detail={data}
        onSelect={onSelect}
      />
      {data.denials.length > 0 && (
        <section>
          <h2 className="mb-1 font-semibold">Denied in {windowWords}</h2>
          <RecentFlows flows={data.denials} total={data.denialsTotal} />
        </section>
      )}
    </div>
  )
}

function factsOf(detail: NodeDetail): [string, string][] {
  const { node } = detail
  const labels = Object.entries(detail.labels).map(([key, value]) => `${key}=${value}`)
  const rows: [string, string | undefined][] = [
    ['Namespace', node.namespace],
    ['Kind', detail.workloadKind],
    ['Service account', detail.serviceAccount],
    ['AI role', node.aiRole && `${node.aiRole}, known by ${node.aiRoleBy ?? 'what it calls'}`],
    [
      'Provider',
      node.provider &&
        `${node.provider.name} (${node.provider.category}), ${node.provider.certain ? 'certain' : 'possible'}, matched by ${node.provider.matchedBy}`,
    ],
    [node.dnsName?.origin === 'question' ? 'Asked for before' : 'Names by DNS', detail.dnsNames.join(', ')],
    ['Labels', labels.join(', ')],
    [
      'Pods seen',
      detail.pods.length > 0
        ? `${detail.pods.join(', ')}${detail.podsTotal > detail.pods.length ? ` and ${detail.podsTotal - detail.pods.length} more` : ''}`
        : undefined,
    ],
  ]
  return rows.flatMap(([name, value]) => (value ? [[name, value]] : []))
}

interface EdgesProps {
  readonly title: string
  readonly edges: readonly GraphEdge[]
  readonly detail: NodeDetail
  other(edge: GraphEdge): string
  onSelect(selected: string): void
}

const EDGES_SHOWN = 100

function Edges({ title, edges, detail, other, onSelect }: EdgesProps) {
  if (edges.length === 0) return null
  const peers = new Map([detail.node, ...detail.peers].map((node) => [node.id, node]))
  const sorted = [...edges].sort((a, b) => urgencyOf(b) - urgencyOf(a))
  return (
    <section>
      <h2 className="mb-1 font-semibold">
        {title} ({edges.length})
      </h2>
      <ul className="grid gap-1">
        {sorted.slice(0, EDGES_SHOWN).map((edge) => (
          <li key={edge.id}>
            <button
              type="button"
              className="w-full rounded-md border border-(--border) px-2 py-1 text-left hover:bg-(--surface-2)"
              onClick={() => onSelect(`edge:${edge.id}`)}
            >
              <span className="block break-words">
                {peers.get(other(edge))?.label} : {edge.serverPort || '–'}/{edge.protocol}
              </span>
              <span className="flex flex-wrap gap-x-3 text-(--text-muted)">
                <StateMark state={edge.state} />
                {edge.door && <DoorMark state={edge.door.state} />}
                <span>{formatCount(edge.counters.connections)} connections</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {edges.length > EDGES_SHOWN && <p>{edges.length - EDGES_SHOWN} more are in the table.</p>}
    </section>
  )
}
