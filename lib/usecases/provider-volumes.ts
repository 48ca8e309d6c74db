import 'server-only'
import type { ProviderMatcher } from '@/lib/egress/match-provider'
import { isAddress, providerOf } from '@/lib/findings/describe-peer'
import { type HourVolume, volumeKey } from '@/lib/findings/facts'
import { countersOf } from '@/lib/graph/build-graph'
import { DAY_MS, HOUR_MS } from '@/lib/model/units'
import { loadBucketSums } from '@/lib/store/load-bucket-sums'
import { loadDnsNames } from '@/lib/store/load-dns-names'
import { loadEdgesOfClients, loadVariantIds } from '@/lib/store/load-edges'
import { loadHourBytes } from '@/lib/store/load-hour-bytes'
import { loadPeers, type PeerRow } from '@/lib/store/load-peers'
import { loadVariants } from '@/lib/store/load-variants'

/** Less in an hour is no large upload, whatever was usual. */
export const VOLUME_FLOOR_BYTES = 50_000_000
/** What is usual is told by so many days before. */
const HISTORY_MS = 7 * DAY_MS
/** Workloads whose history is read in one pass: of more, those that sent most. */
const MOST_WORKLOADS = 50
/** Edges of them that are looked at. */
const MOST_EDGES = 5000

/** An edge from a workload to a provider on which bytes were counted. */
export interface CountedEdge {
  readonly edgeId: string
  readonly clientId: string
  readonly providerId: string
}

/** Bytes of the last seven days by hour, of (workload, provider); by cluster, then by `volumeKey`. */
export type Volumes = ReadonlyMap<string, ReadonlyMap<string, readonly HourVolume[]>>

/**
 * The hourly bytes of each workload to each provider that sent much in the last whole hour, and of seven days before, over all edges that it
 * had to that provider. Reads nothing where no edge counted bytes, and no history where nobody sent much.
 */
export async function providerVolumes(
  dataset: string,
  nowMs: number,
  edges: readonly CountedEdge[],
  matcher: ProviderMatcher,
): Promise<Volumes> {
  if (edges.length === 0) return new Map()
  const endMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS
  const lastHour = { fromMs: endMs - HOUR_MS, toMs: endMs }
  const busy = await busyOf(dataset, lastHour, edges)
  if (busy.size === 0) return new Map()
  const clients = [...new Set([...busy.values()].map(({ clientId }) => clientId))]
  const all = await edgesToProviders(dataset, nowMs, clients, matcher)
  const wanted = all.filter((edge) => busy.has(pairOf(edge)))
  const peers = new Map((await loadPeers(clients)).map((peer) => [peer.id, peer]))
  const history = await hoursOf(dataset, { fromMs: lastHour.fromMs - HISTORY_MS, toMs: lastHour.fromMs }, wanted)
  const last = await lastHourOf(dataset, lastHour, wanted)
  const volumes = new Map<string, Map<string, HourVolume[]>>()
  for (const [pair, { clientId, providerId }] of busy) {
    const peer = peers.get(clientId)
    if (!peer) continue
    const hours = [...(history.get(pair) ?? []), ...(last.get(pair) ?? [])]
    const ofCluster = volumes.get(peer.cluster) ?? new Map()
    volumes.set(peer.cluster, ofCluster.set(volumeKey(peer, providerId), hours))
  }
  return volumes
}

const pairOf = ({ clientId, providerId }: Omit<CountedEdge, 'edgeId'>): string => `${clientId} ${providerId}`

interface Bytes {
  readonly sent: number
  readonly received: number
}

/** Pairs that sent more than the floor in the last whole hour. */
async function busyOf(dataset: string, hour: { fromMs: number; toMs: number }, edges: readonly CountedEdge[]) {
  const bytes = await lastHourOf(dataset, hour, edges)
  const pairs = new Map(edges.map((edge) => [pairOf(edge), edge]))
  const busy = [...bytes]
    .map(([pair, hours]) => ({ pair, sent: hours[0]?.sent ?? 0, edge: pairs.get(pair) }))
    .filter(({ sent }) => sent >= VOLUME_FLOOR_BYTES)
    .sort((a, b) => b.sent - a.sent || (a.pair < b.pair ? -1 : 1))
  return new Map(busy.slice(0, MOST_WORKLOADS).flatMap(({ pair, edge }) => (edge ? [[pair, edge] as const] : [])))
}

/** Everything that these workloads called in the history, where it is a provider's. */
async function edgesToProviders(
  dataset: string,
  nowMs: number,
  clients: readonly string[],
  matcher: ProviderMatcher,
): Promise<CountedEdge[]> {
  const edges = await loadEdgesOfClients(clients, MOST_EDGES)
  const peers = await loadPeers([...new Set(edges.map(({ serverId }) => serverId))])
  const addresses = peers.filter((peer) => peer.class === 'external' && isAddress(peer.name))
  const names = await loadDnsNames(dataset, { fromMs: nowMs - HISTORY_MS, toMs: nowMs }, addresses)
  const providerIdOf = (peer: PeerRow) => {
    const known = names.get(peer.id)
    return providerOf(peer, { ...(known && { known }) }, matcher)?.id
  }
  const providers = new Map(peers.map((peer) => [peer.id, providerIdOf(peer)]))
  return edges.flatMap(({ id, clientId, serverId }) => {
    const providerId = providers.get(serverId)
    return providerId === undefined ? [] : [{ edgeId: id, clientId, providerId }]
  })
}

type VolumesOfPairs = ReadonlyMap<string, readonly HourVolume[]>

/** From sums that are up to date. */
async function lastHourOf(
  dataset: string,
  hour: { readonly fromMs: number; readonly toMs: number },
  edges: readonly CountedEdge[],
): Promise<VolumesOfPairs> {
  const variants = await loadVariantIds(edges.map(({ edgeId }) => edgeId))
  const sums = await loadBucketSums(
    dataset,
    hour,
    variants.map(({ id }) => id),
  )
  const rows = sums.map(({ variantId, counters }) => ({
    variantId,
    startMs: hour.fromMs,
    sent: counters.bytesSent,
    received: counters.bytesReceived,
  }))
  return addUp(rows, edges)
}

async function hoursOf(
  dataset: string,
  hours: { readonly fromMs: number; readonly toMs: number },
  edges: readonly CountedEdge[],
): Promise<VolumesOfPairs> {
  const variants = await loadVariantIds(edges.map(({ edgeId }) => edgeId))
  const rows = await loadHourBytes(
    dataset,
    hours,
    variants.map(({ id }) => id),
  )
  return addUp(rows, edges)
}

/** Within an edge and hour the larger of the observers, as on the graph; then the edges of a pair are added up. */
async function addUp(
  rows: readonly (Bytes & { readonly variantId: string; readonly startMs: number })[],
  edges: readonly CountedEdge[],
): Promise<VolumesOfPairs> {
  const pairs = new Map(edges.map((edge) => [edge.edgeId, pairOf(edge)]))
  const variants = await loadVariants(rows.map(({ variantId }) => variantId))
  const byEdge = new Map<string, Parameters<typeof countersOf>[0][number][]>()
  for (const [index, { startMs, sent, received }] of rows.entries()) {
    const variant = variants[index]
    if (!variant) continue
    const key = `${startMs} ${variant.edge.id}`
    const counters = { ...NOTHING, bytesSent: sent, bytesReceived: received }
    byEdge.set(key, [...(byEdge.get(key) ?? []), { ...variant.row, counters, firstMs: startMs, lastMs: startMs }])
  }
  const sums = new Map<string, Map<number, HourVolume>>()
  for (const alike of byEdge.values()) {
    const [first] = alike
    const pair = first && pairs.get(first.edgeId)
    if (!pair) continue
    const { bytesSent, bytesReceived } = countersOf(alike)
    const hours = sums.get(pair) ?? new Map<number, HourVolume>()
    const { sent = 0, received = 0 } = hours.get(first.firstMs) ?? {}
    hours.set(first.firstMs, { startMs: first.firstMs, sent: sent + bytesSent, received: received + bytesReceived })
    sums.set(pair, hours)
  }
  return new Map([...sums].map(([pair, hours]) => [pair, [...hours.values()].sort((a, b) => a.startMs - b.startMs)]))
}

const NOTHING = { connections: 0, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }
