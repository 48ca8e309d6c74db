import type { DoorSummary } from '@/lib/model/egress'
import type { FlowCounts } from '@/lib/model/flow'
import type { EdgeVariant, GraphEdge, GraphNode, Place, ServiceGraph } from '@/lib/model/graph'
import type { VariantRow } from '@/lib/model/graph-input'
import { mergeDoors } from '@/lib/model/merge-doors'
import type { UnixMillis } from '@/lib/model/units'
import { countersOf } from './build-graph'
import { combineVerdicts } from './combine-verdicts'
import { idsOf, keyOf } from './hash-id'
import { problemsOf } from './needs-person'
import { isInside } from './place'

/** What of a stored flow record says which pods talked. */
export interface PodRecord {
  readonly edgeId: string
  readonly variantId: string
  /** undefined = the record names none. */
  readonly clientPod?: string
  readonly serverPod?: string
  readonly clientIp?: string
  readonly counts: FlowCounts
  readonly repeats: boolean
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/** The door of an edge's connections from one address of the cluster; undefined = connections without one. */
export interface ClientDoor {
  readonly edgeId: string
  readonly clientIp?: string
  readonly door: DoorSummary
}

export interface PodEvidence {
  readonly records: readonly PodRecord[]
  readonly doors: readonly ClientDoor[]
  /** Records of the place that were not read. */
  readonly recordsLeft: number
}

/**
 * A graph in which the workloads of a place are drawn as their pods, as far as records name them. Figures and states of their edges
 * are those of the records, by the rules of any edge. What no record names a pod for stays with its workload. A door goes to the pod
 * whose address it was judged for; one of an address that no record, or records of several pods name, stays with the workload, so
 * that none is lost and nobody is accused for another. Pure.
 */
export function drawPods(graph: ServiceGraph, place: Place, evidence: PodEvidence): ServiceGraph {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const recordsOf = groupBy(evidence.records, (record) => record.edgeId)
  const doorsOf = groupBy(evidence.doors, (door) => door.edgeId)
  const untouched: GraphEdge[] = []
  const ofPlace: { readonly edge: GraphEdge; readonly drafts: readonly PartDraft[] }[] = []
  for (const edge of graph.edges) {
    const client = isInPlace(nodes.get(edge.client), place)
    const server = isInPlace(nodes.get(edge.server), place)
    if (!client && !server) untouched.push(edge)
    else {
      const drafts = partsOf(edge, { client, server }, recordsOf.get(edge.id) ?? [], doorsOf.get(edge.id) ?? [])
      ofPlace.push({ edge, drafts })
    }
  }
  const ids = idsOf(
    'p',
    ofPlace.flatMap(({ drafts }) => drafts.flatMap(keysOf)),
  )
  const pods = new Map<string, GraphNode>()
  const endOf = (workloadId: string, pod: string | undefined): string => {
    const workload = nodes.get(workloadId)
    const id = pod === undefined ? undefined : ids.get(podKey(workloadId, pod))
    if (id === undefined || pod === undefined || !workload) return workloadId
    pods.set(id, { ...workload, id, pod, partOf: workloadId })
    return id
  }
  const parts: GraphEdge[] = []
  let edgesWithoutPods = 0
  for (const { edge, drafts } of ofPlace) {
    const edges = drafts.map((draft) => partEdge(draft, ids.get(edgeKey(draft)) ?? '', endOf))
    const isPod = drafts.some(({ client, server }) => client !== undefined || server !== undefined)
    if (isPod && tellsProblemsOf(edge, edges)) for (const part of edges) parts.push(part)
    else {
      edgesWithoutPods += 1
      untouched.push(edge)
    }
  }
  const edges = [...untouched, ...parts].sort((a, b) => compare(a.id, b.id))
  const used = new Set(edges.flatMap((edge) => [edge.client, edge.server]))
  return {
    ...graph,
    nodes: [...graph.nodes, ...pods.values()].filter(({ id }) => used.has(id)).sort((a, b) => compare(a.id, b.id)),
    edges,
    pods: { records: evidence.records.length, recordsLeft: evidence.recordsLeft, edgesWithoutPods },
  }
}

/** Records are kept for a shorter time than sums, and read up to a limit: what the edge needs a person for must not go with them. */
function tellsProblemsOf(edge: GraphEdge, parts: readonly GraphEdge[]): boolean {
  const told = new Set(parts.flatMap(problemsOf))
  return problemsOf(edge).every((kind) => told.has(kind) || (kind === 'mixed' && told.has('denied')))
}

const isInPlace = (node: GraphNode | undefined, place: Place): boolean =>
  node?.class === 'workload' && isInside(node, place)

/** A part of an edge: what the records of one pair of pods tell. An end without a pod is the workload. */
interface PartDraft {
  readonly edge: GraphEdge
  readonly client: string | undefined
  readonly server: string | undefined
  readonly records: readonly PodRecord[]
  readonly door?: DoorSummary
}

function partsOf(
  edge: GraphEdge,
  inside: { readonly client: boolean; readonly server: boolean },
  records: readonly PodRecord[],
  doors: readonly ClientDoor[],
): PartDraft[] {
  const clientOf = (record: PodRecord) => (inside.client ? record.clientPod || undefined : undefined)
  const serverOf = (record: PodRecord) => (inside.server ? record.serverPod || undefined : undefined)
  const groups = groupBy(records, (record) => keyOf(clientOf(record) ?? '', serverOf(record) ?? ''))
  const drafts = [...groups.values()].flatMap((group): PartDraft[] => {
    const [first] = group
    return first ? [{ edge, client: clientOf(first), server: serverOf(first), records: group }] : []
  })
  const podOf = podsByAddress(records, clientOf)
  const placed = new Map<PartDraft, DoorSummary[]>()
  const rest: DoorSummary[] = []
  for (const { clientIp, door } of doors) {
    const pod = clientIp === undefined ? undefined : podOf.get(clientIp)
    const draft = pod === undefined ? undefined : drafts.find((one) => one.client === pod)
    if (!draft) rest.push(door)
    else placed.set(draft, [...(placed.get(draft) ?? []), door])
  }
  const own = drafts.find(({ client, server }) => client === undefined && server === undefined)
  const doorOf = (draft: PartDraft) => mergeDoors([...(placed.get(draft) ?? []), ...(draft === own ? rest : [])])
  const withDoors = drafts.map((draft) => ({ ...draft, door: doorOf(draft) }))
  return rest.length === 0 || own
    ? withDoors
    : [...withDoors, { edge, client: undefined, server: undefined, records: [], door: mergeDoors(rest) }]
}

/** The pod behind an address, where the records of the window name one only: addresses are given again. */
function podsByAddress(
  records: readonly PodRecord[],
  podOf: (record: PodRecord) => string | undefined,
): ReadonlyMap<string, string> {
  const found = new Map<string, string | undefined>()
  for (const record of records) {
    const pod = podOf(record)
    if (record.clientIp === undefined || pod === undefined) continue
    const known = found.get(record.clientIp)
    found.set(record.clientIp, found.has(record.clientIp) && known !== pod ? undefined : pod)
  }
  return new Map([...found].flatMap(([ip, pod]) => (pod === undefined ? [] : [[ip, pod] as const])))
}

function partEdge(
  draft: PartDraft,
  id: string,
  endOf: (workloadId: string, pod: string | undefined) => string,
): GraphEdge {
  const { edge, client, server, records, door } = draft
  const rows = rowsOf(edge, records)
  const { ai: _calls, door: _whole, ...rest } = edge
  return {
    ...rest,
    id,
    partOf: edge.id,
    client: endOf(edge.client, client),
    server: endOf(edge.server, server),
    ...combineVerdicts(rows),
    counters: countersOf(rows),
    variants: rows.map(({ edgeId: _edge, repeats: _repeats, ...variant }): EdgeVariant => variant),
    ...(door && { door }),
    firstMs: rows.length > 0 ? Math.min(...rows.map((row) => row.firstMs)) : edge.firstMs,
    lastMs: rows.length > 0 ? Math.max(...rows.map((row) => row.lastMs)) : edge.lastMs,
  }
}

/** What each way of reporting told in these records. Those of a variant that the window's sums do not know count for nothing. */
function rowsOf(edge: GraphEdge, records: readonly PodRecord[]): VariantRow[] {
  const variants = new Map(edge.variants.map((variant) => [variant.id, variant]))
  return [...groupBy(records, ({ variantId }) => variantId)].flatMap(([id, told]): VariantRow[] => {
    const variant = variants.get(id)
    const [first] = told
    if (!variant || !first) return []
    const sum = (pick: (counts: FlowCounts) => number) => told.reduce((total, { counts }) => total + pick(counts), 0)
    return [
      {
        ...variant,
        edgeId: edge.id,
        repeats: first.repeats,
        counters: {
          connections: sum((counts) => counts.connections),
          events: sum((counts) => counts.events),
          requests: sum((counts) => counts.requests),
          requestErrors: sum((counts) => counts.requestErrors),
          spans: 0,
          bytesSent: sum((counts) => counts.bytesSent),
          bytesReceived: sum((counts) => counts.bytesReceived),
        },
        firstMs: told.reduce((least, { firstMs }) => Math.min(least, firstMs), first.firstMs),
        lastMs: told.reduce((most, { lastMs }) => Math.max(most, lastMs), first.lastMs),
      },
    ]
  })
}

const podKey = (workloadId: string, pod: string): string => keyOf('pod', workloadId, pod)
const edgeKey = ({ edge, client, server }: PartDraft): string => keyOf('edge', edge.id, client ?? '', server ?? '')

const keysOf = (draft: PartDraft): string[] => [
  edgeKey(draft),
  ...(draft.client === undefined ? [] : [podKey(draft.edge.client, draft.client)]),
  ...(draft.server === undefined ? [] : [podKey(draft.edge.server, draft.server)]),
]

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
