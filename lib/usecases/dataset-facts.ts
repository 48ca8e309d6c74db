import 'server-only'
import { setImmediate as breathe } from 'node:timers/promises'
import { providerByOtelName } from '@/lib/egress/catalogue/catalogue'
import { isInMesh } from '@/lib/egress/mesh'
import { type EdgeFacts, LOOK_BACK_MS, SLOT_MS, type WireFacts, type WorkloadFacts } from '@/lib/findings/facts'
import { countersOf } from '@/lib/graph/build-graph'
import type { TimeRange } from '@/lib/model/time-range'
import {
  isNewsOf,
  loadFirstSeen,
  loadFirstSeenOfEndpoints,
  type RememberedEdge,
  rememberEdges,
} from '@/lib/store/edge-first-seen'
import { type ConnectionAddresses, loadConnectionAddresses } from '@/lib/store/load-connection-addresses'
import { loadEdges } from '@/lib/store/load-edges'
import { loadSlotSums } from '@/lib/store/load-slot-sums'
import { loadSpanHosts, type SpanHosts } from '@/lib/store/load-span-hosts'
import { loadSpanSlots } from '@/lib/store/load-span-slots'
import { loadVariants } from '@/lib/store/load-variants'
import { loadWireRecords, type WireRecords } from '@/lib/store/load-wire-records'
import { countEdges, draftEdges, draftOf, type EdgeCounts, type EdgeDraft, type EmitterDraft } from './edge-drafts'
import type { JudgedFacts } from './judged-facts'
import { openPeerBook, type PeerBook } from './peer-book'
import { providerCatalogue } from './provider-catalogue'

/** Edges of which spans and records are looked at one by one: of more, those of the lowest ids. */
const MOST_CLOSELY = 1000
/** Edges between pauses: others of this process have their turn. */
const AT_ONCE = 1000
const MOST_CLAIMED = 8
const MOST_HOSTS = 64

/** An edge with its cluster. */
export interface PlacedEdge {
  readonly cluster: string
  readonly clientId: string
  readonly edge: EdgeFacts
}

export interface DatasetFacts {
  readonly window: TimeRange
  readonly edges: readonly PlacedEdge[]
  readonly workloads: readonly { readonly cluster: string; readonly workload: WorkloadFacts }[]
}

/** The last hour before a moment, from the beginning of a slot on. */
export const lookBack = (nowMs: number): TimeRange => ({
  fromMs: Math.floor((nowMs - LOOK_BACK_MS) / SLOT_MS) * SLOT_MS,
  toMs: nowMs,
})

/**
 * Every edge with something in the last hour of a dataset, and those that `judged` adds, as detectors see them. A statement per kind of
 * fact, whatever the number of edges; spans and records are looked at one by one only of edges at an AI workload or a provider.
 */
export async function datasetFacts(
  dataset: string,
  nowMs: number,
  judged: ReadonlyMap<string, JudgedFacts>,
  signal: AbortSignal | undefined,
): Promise<DatasetFacts> {
  const window = lookBack(nowMs)
  const [sums, spans] = await Promise.all([
    loadSlotSums(dataset, window, SLOT_MS),
    loadSpanSlots(dataset, window, SLOT_MS),
  ])
  signal?.throwIfAborted()
  const { edges, emitters } = await draftEdges(sums, await loadVariants(sums.map(({ variantId }) => variantId)), spans)
  for (const edgeId of judged.keys()) draftOf(edges, edgeId)
  const drafts = await placed(edges)
  const counts = await countEdges(edges)
  signal?.throwIfAborted()
  const book = await openPeerBook(
    dataset,
    window,
    drafts.map((draft) => ({
      row: draft.row,
      isSpanWord: isSpanWord(draft, judged),
      named: judged.get(draft.edgeId)?.row.named ?? undefined,
    })),
    { matcher: providerCatalogue().matcher, others: emitters.keys() },
  )
  signal?.throwIfAborted()
  const close = await lookClosely(dataset, window, drafts, { counts, book, judged })
  signal?.throwIfAborted()
  const firstSeen = dataset === '' ? await firstSeenOf(drafts, counts, nowMs) : new Map<string, RememberedEdge>()
  const facts: PlacedEdge[] = []
  for (const [index, draft] of drafts.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await breathe()
    const edge = edgeFacts(draft, { counts, book, close, firstSeen, judged: judged.get(draft.edgeId) })
    if (edge) facts.push({ cluster: draft.row.cluster, clientId: draft.row.clientId, edge })
  }
  signal?.throwIfAborted()
  return { window, edges: facts, workloads: await workloadFacts(dataset, facts, { emitters, book, close }) }
}

type PlacedDraft = EdgeDraft & { readonly row: NonNullable<EdgeDraft['row']> }

/** Drafts in the order of ids, with their dictionary rows; those that the dictionary does not have are left out. */
async function placed(edges: ReadonlyMap<string, EdgeDraft>): Promise<PlacedDraft[]> {
  const missing = [...edges.values()].filter(({ row }) => !row).map(({ edgeId }) => edgeId)
  for (const row of await loadEdges(missing)) {
    const draft = edges.get(row.id)
    if (draft) draft.row = row
  }
  return [...edges.values()].filter(isPlaced).sort((a, b) => (a.edgeId < b.edgeId ? -1 : 1))
}

const isPlaced = (draft: EdgeDraft): draft is PlacedDraft => draft.row !== undefined

/** Neither a flow log nor a judgement tells of it. */
const isSpanWord = (draft: EdgeDraft, judged: ReadonlyMap<string, unknown>): boolean =>
  draft.hasSpans &&
  !judged.has(draft.edgeId) &&
  [...draft.slots.values()].every(({ variants }) => variants.length === 0)

/** What was looked at of single edges, by edge id; of records by variant id. */
interface Close {
  readonly hosts: ReadonlyMap<string, SpanHosts>
  readonly records: ReadonlyMap<string, WireRecords>
  readonly addresses: ReadonlyMap<string, ConnectionAddresses>
}

interface Known {
  readonly counts: ReadonlyMap<string, EdgeCounts>
  readonly book: PeerBook
  readonly judged: ReadonlyMap<string, JudgedFacts>
}

async function lookClosely(
  dataset: string,
  window: TimeRange,
  drafts: readonly PlacedDraft[],
  { counts, book, judged }: Known,
): Promise<Close> {
  const external = drafts.filter(({ row }) => book.peers.get(row.serverId)?.class === 'external')
  const telling = drafts.filter(
    (draft) =>
      book.aiRoleAt(draft.row.serverId) !== undefined ||
      book.aiRoleAt(draft.row.clientId) !== undefined ||
      book.providerAt(draft.row.serverId, isSpanWord(draft, judged)) !== undefined,
  )
  const variants = telling
    .slice(0, MOST_CLOSELY)
    .flatMap(({ edgeId }) => counts.get(edgeId)?.variants.map(({ id }) => id) ?? [])
  const idsOf = (rows: readonly EdgeDraft[]) => rows.slice(0, MOST_CLOSELY).map(({ edgeId }) => edgeId)
  const [hosts, records, addresses] = await Promise.all([
    loadSpanHosts(dataset, window, idsOf(telling.filter(({ hasSpans }) => hasSpans))),
    loadWireRecords(dataset, window, variants),
    loadConnectionAddresses(dataset, window, idsOf(external)),
  ])
  return { hosts, records, addresses }
}

/** What was known of each edge; what is new of them is remembered. */
async function firstSeenOf(
  drafts: readonly PlacedDraft[],
  counts: ReadonlyMap<string, EdgeCounts>,
  nowMs: number,
): Promise<ReadonlyMap<string, RememberedEdge>> {
  const known = await loadFirstSeen(drafts.map(({ edgeId }) => edgeId))
  const seen = drafts.flatMap(({ edgeId, row }) => {
    const count = counts.get(edgeId)
    return count ? [{ edgeId, cluster: row.cluster, firstMs: count.firstMs, lastMs: count.lastMs }] : []
  })
  await rememberEdges(
    seen.filter((edge) => isNewsOf(edge, known.get(edge.edgeId))),
    nowMs,
  )
  return known
}

function edgeFacts(
  draft: PlacedDraft,
  known: Pick<Known, 'counts' | 'book'> & {
    readonly close: Close
    readonly firstSeen: ReadonlyMap<string, RememberedEdge>
    readonly judged: JudgedFacts | undefined
  },
): EdgeFacts | undefined {
  const { edgeId, row } = draft
  const { judged, close, book } = known
  const counts =
    known.counts.get(edgeId) ?? (judged && { firstMs: judged.firstMs, lastMs: judged.lastMs, variants: [], slots: [] })
  const hasOnlySpans = draft.hasSpans && !judged && counts?.variants.length === 0
  const records = counts?.variants.flatMap(({ id }) => close.records.get(id) ?? []) ?? []
  const addresses = close.addresses.get(edgeId)
  const client = book.describe(row.clientId, {
    isSpanWord: false,
    ips: [...(addresses?.clientIps ?? []), ...records.flatMap(({ clientIps }) => clientIps)],
  })
  const server = book.describe(row.serverId, {
    isSpanWord: hasOnlySpans,
    named: judged?.row.named ?? undefined,
    ips: [...(addresses?.serverIps ?? []), ...records.flatMap(({ serverIps }) => serverIps)],
  })
  if (!counts || !client || !server) return undefined
  const hosts = close.hosts.get(edgeId)
  return {
    edgeId,
    client,
    server,
    protocol: row.protocol,
    serverPort: row.serverPort,
    firstEverMs: Math.min(known.firstSeen.get(edgeId)?.firstMs ?? counts.firstMs, counts.firstMs),
    ...counts,
    wire: wireOf(counts, close, { hosts, hasMesh: isInMesh(client.labels) || isInMesh(server.labels) }),
    ...(draft.hasSpans && { spans: spansOf(draft, hosts) }),
    ...(judged && doorOf(judged)),
  }
}

/** What judgements say of an edge, as its facts have it. */
export const doorOf = ({
  door,
  violation,
  unverified,
  broken,
  mode,
}: JudgedFacts): Pick<EdgeFacts, 'door' | 'violation' | 'unverified' | 'broken' | 'mode'> => ({
  ...(door && { door }),
  ...(violation && { violation }),
  ...(unverified && { unverified }),
  ...(broken && { broken }),
  ...(mode && { mode }),
})

/**
 * Requests that were answered count where the kept records of the same variant were HTTP. Where none was answered, what was kept of them
 * counts: a request is read in the clear whether or not an answer follows.
 */
function wireOf(
  { variants }: Pick<EdgeCounts, 'variants'>,
  { records }: Close,
  { hosts, hasMesh }: { readonly hosts: SpanHosts | undefined; readonly hasMesh: boolean },
): WireFacts {
  const http = variants.filter(({ id, layer }) => layer === 'L7' && (records.get(id)?.http ?? 0) > 0)
  const { requests } = countersOf(http.map((variant) => ({ ...variant, edgeId: '', repeats: false })))
  return {
    httpRequests: requests > 0 ? requests : http.reduce((sum, { id }) => sum + (records.get(id)?.http ?? 0), 0),
    encryptedRecords: variants.reduce((sum, { id }) => sum + (records.get(id)?.encrypted ?? 0), 0),
    httpSpans: hosts?.httpSpans ?? 0,
    httpsSpans: hosts?.httpsSpans ?? 0,
    hasMesh,
  }
}

function spansOf(draft: EdgeDraft, hosts: SpanHosts | undefined): NonNullable<EdgeFacts['spans']> {
  const claimed = [...draft.claimed].map((name) => providerByOtelName(name)?.id ?? name.toLowerCase())
  return {
    calls: draft.calls,
    aiCalls: draft.aiCalls,
    refused: draft.refused,
    claimedProviders: [...new Set(claimed)].sort().slice(0, MOST_CLAIMED),
    claimedHosts: (hosts?.hosts ?? []).slice(0, MOST_CLAIMED),
    ...(hosts && hosts.paths.length > 0 && { paths: hosts.paths }),
  }
}

async function workloadFacts(
  dataset: string,
  edges: readonly PlacedEdge[],
  known: { readonly emitters: ReadonlyMap<string, EmitterDraft>; readonly book: PeerBook; readonly close: Close },
): Promise<DatasetFacts['workloads']> {
  const hosts = new Map<string, Set<string>>()
  const firstMs = new Map<string, number>()
  for (const { clientId, edge } of edges) {
    firstMs.set(clientId, Math.min(firstMs.get(clientId) ?? Number.POSITIVE_INFINITY, edge.firstEverMs))
    const called = hosts.get(clientId) ?? new Set()
    hosts.set(clientId, called)
    for (const host of known.close.hosts.get(edge.edgeId)?.hosts ?? []) called.add(host)
  }
  const ids = [...new Set([...hosts.keys(), ...known.emitters.keys()])].sort()
  const workloads = ids.filter((id) => known.book.peers.get(id)?.class === 'workload')
  const remembered = dataset === '' ? await loadFirstSeenOfEndpoints(workloads) : new Map<string, number>()
  return workloads.flatMap((id) => {
    const peer = known.book.peers.get(id)
    if (!peer) return []
    const ai = known.book.aiRoleAt(id)
    const { spans = 0, aiSpans = 0 } = known.emitters.get(id) ?? {}
    const first = Math.min(remembered.get(id) ?? Number.POSITIVE_INFINITY, firstMs.get(id) ?? Number.POSITIVE_INFINITY)
    const workload: WorkloadFacts = {
      endpointId: id,
      namespace: peer.namespace,
      name: peer.name,
      firstEverMs: first,
      spans,
      aiSpans,
      spanHosts: [...(hosts.get(id) ?? [])].sort().slice(0, MOST_HOSTS),
      ...(ai && { ai }),
    }
    return [{ cluster: peer.cluster, workload }]
  })
}
