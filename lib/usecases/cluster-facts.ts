import 'server-only'
import type { ClusterFacts, EdgeFacts, PeerFacts } from '@/lib/findings/facts'
import { metNeeds } from '@/lib/findings/met-needs'
import { NAME_VALID_MS } from '@/lib/ingest/pipeline'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { EgressConfig } from '@/lib/model/egress'
import { processGlobal } from '@/lib/process-global'
import { loadAllowListConfirmations } from '@/lib/store/allow-list-confirmations'
import { loadFirstSeen, loadLearningSince } from '@/lib/store/edge-first-seen'
import { clustersWithAnswers } from '@/lib/store/load-answered-hosts'
import { loadCoverage } from '@/lib/store/load-coverage'
import { loadPinnedDatasets } from '@/lib/store/load-datasets'
import { loadEdges } from '@/lib/store/load-edges'
import { askedProviders } from './asked-providers'
import { type DatasetFacts, datasetFacts, doorOf, lookBack } from './dataset-facts'
import { egressConfig } from './egress-config'
import { type JudgedFacts, judgedFacts } from './judged-facts'
import { openPeerBook } from './peer-book'
import { providerCatalogue } from './provider-catalogue'
import { type CountedEdge, providerVolumes } from './provider-volumes'

export interface FactsOptions {
  /** Aborted, the work ends before its next statement, and rejects with the signal's reason. It never holds a lock. */
  readonly signal?: AbortSignal
  /** Datasets to look at, '' = live. Default: live, and with `all` the pinned ones in turn, a few at each pass. */
  readonly datasets?: readonly string[]
}

/** Pinned datasets of one pass. They stand still: whichever was not looked at for longest is next. */
const PINNED_AT_ONCE = 2
const MOST_PINNED = 1000

/**
 * What detectors may look at, by dataset and cluster. `doors`: edges that were judged of late or have a finding that is not over, with doors and
 * ends alone; of every dataset, for each pass of the judge. `all`: everything in the last hour, in a bounded number of statements
 * over the window; of live data, and of two pinned datasets at a time, whose hour ends with their newest record. Clusters that were
 * ever heard of in the dataset have facts, though nothing is in them. Remembers when live edges were first seen. Errors: `unavailable`.
 */
export async function clusterFacts(
  nowMs: number,
  which: 'doors' | 'all',
  options: FactsOptions = {},
): Promise<readonly ClusterFacts[]> {
  const config = egressConfig()
  const judged = await judgedFacts(nowMs, config)
  const byDataset = new Map<string, Map<string, JudgedFacts>>()
  for (const [edgeId, facts] of judged) {
    const alike = byDataset.get(facts.row.dataset) ?? new Map()
    byDataset.set(facts.row.dataset, alike.set(edgeId, facts))
  }
  const settings = await settingsOf(config)
  const datasets = options.datasets ?? (which === 'all' ? ['', ...(await nextPinned())] : ['', ...byDataset.keys()])
  const facts: ClusterFacts[] = []
  for (const dataset of new Set(datasets)) {
    options.signal?.throwIfAborted()
    const given = {
      dataset,
      nowMs,
      judged: byDataset.get(dataset) ?? new Map(),
      settings,
      config,
      signal: options.signal,
    }
    facts.push(...(which === 'all' ? await everythingOf(given) : await doorsOf(given)))
  }
  return facts
}

type Settings = Pick<ClusterFacts, 'deniedProviders' | 'confirmedAllowLists' | 'allowLists'>

async function settingsOf({ deniedProviders }: EgressConfig): Promise<Settings> {
  const confirmed = await loadAllowListConfirmations()
  return {
    deniedProviders: new Set(deniedProviders),
    confirmedAllowLists: new Set(confirmed.map(({ providerId }) => providerId)),
    allowLists: new Map(
      providerCatalogue().catalogue.providers.flatMap(({ id, allowList }) =>
        allowList ? [[id, allowList.how] as const] : [],
      ),
    ),
  }
}

interface Given {
  readonly dataset: string
  readonly nowMs: number
  readonly judged: ReadonlyMap<string, JudgedFacts>
  readonly settings: Settings
  readonly config: EgressConfig
  readonly signal: AbortSignal | undefined
}

const turns = (): Map<string, number> => processGlobal('facts-of-pinned', () => new Map())

async function nextPinned(): Promise<string[]> {
  const { datasets } = await loadPinnedDatasets(MOST_PINNED)
  const names = datasets.flatMap(({ name, deletingMs }) => (deletingMs === undefined ? [name] : []))
  const known = turns()
  const turn = Math.max(0, ...known.values()) + 1
  for (const name of known.keys()) if (!names.includes(name)) known.delete(name)
  const next = names
    .map((name) => ({ name, turn: known.get(name) ?? 0 }))
    .sort((a, b) => a.turn - b.turn)
    .slice(0, PINNED_AT_ONCE)
  for (const { name } of next) known.set(name, turn)
  return next.map(({ name }) => name)
}

async function doorsOf({ dataset, nowMs, judged, settings, config }: Given): Promise<ClusterFacts[]> {
  const window = lookBack(nowMs)
  const coverage = await loadCoverage(dataset, window)
  const rows = await loadEdges([...judged.keys()])
  const book = await openPeerBook(
    dataset,
    window,
    rows.map((row) => ({ row, isSpanWord: false, named: judged.get(row.id)?.row.named ?? undefined })),
    { matcher: providerCatalogue().matcher },
  )
  const firstSeen =
    dataset === '' ? await loadFirstSeen(rows.map(({ id }) => id)) : new Map<string, { firstMs: number }>()
  const edges = rows.flatMap((row) => {
    const facts = judged.get(row.id)
    const seen = { isSpanWord: false, ips: [] }
    const named = facts?.row.named ?? undefined
    const [client, server] = [book.describe(row.clientId, seen), book.describe(row.serverId, { ...seen, named })]
    if (!facts || !client || !server) return []
    const edge: EdgeFacts = {
      edgeId: row.id,
      client,
      server,
      protocol: row.protocol,
      serverPort: row.serverPort,
      firstEverMs: Math.min(firstSeen.get(row.id)?.firstMs ?? facts.firstMs, facts.firstMs),
      firstMs: facts.firstMs,
      lastMs: facts.lastMs,
      variants: [],
      slots: [],
      wire: NOTHING_SEEN,
      ...doorOf(facts),
    }
    return [{ cluster: row.cluster, edge }]
  })
  const edgesOf = byCluster(edges, ({ edge }) => edge)
  return clustersOf(coverage, edges).map((cluster) => {
    const own = edgesOf(cluster)
    return {
      dataset,
      cluster,
      nowMs,
      edges: own,
      workloads: [],
      names: [],
      volumes: new Map(),
      met: metNeeds(cluster, { coverage, paths: config.paths, edges: own, hasDnsAnswers: false, aiSpans: 0 }),
      ...settings,
    }
  })
}

const NOTHING_SEEN = { httpRequests: 0, encryptedRecords: 0, httpSpans: 0, httpsSpans: 0, hasMesh: false }

async function everythingOf({ dataset, nowMs, judged, settings, config, signal }: Given): Promise<ClusterFacts[]> {
  const coverage = await loadCoverage(dataset, lookBack(nowMs))
  const newestMs = coverage.reduce((newest, { lastRecordMs = 0 }) => Math.max(newest, lastRecordMs), 0)
  const atMs = dataset === '' ? nowMs : newestMs + 1
  signal?.throwIfAborted()
  const facts = await datasetFacts(dataset, atMs, judged, signal)
  const clusters = clustersOf(coverage, facts.edges)
  const names = await askedProviders(dataset, facts.window, providerCatalogue())
  const answering = await clustersWithAnswers(dataset, facts.window, clusters, NAME_VALID_MS)
  signal?.throwIfAborted()
  const volumes = await providerVolumes(dataset, atMs, countedEdges(facts), providerCatalogue().matcher)
  const learning = dataset === '' ? await loadLearningSince(clusters) : new Map<string, number>()
  const edgesOf = byCluster(facts.edges, ({ edge }) => edge)
  const workloadsOf = byCluster(facts.workloads, ({ workload }) => workload)
  const namesOf = byCluster(names, ({ cluster: _cluster, ...name }) => name)
  return clusters.map((cluster) => {
    const own = edgesOf(cluster)
    const workloads = workloadsOf(cluster)
    const aiSpans = workloads.reduce((sum, workload) => sum + workload.aiSpans, 0)
    const learningSinceMs = learning.get(cluster)
    const hasDnsAnswers = answering.has(cluster)
    return {
      dataset,
      cluster,
      nowMs: atMs,
      edges: own,
      workloads,
      names: namesOf(cluster),
      volumes: volumes.get(cluster) ?? new Map(),
      met: metNeeds(cluster, { coverage, paths: config.paths, edges: own, hasDnsAnswers, aiSpans }),
      ...(learningSinceMs !== undefined && { learningSinceMs }),
      ...settings,
    }
  })
}

const clustersOf = (coverage: readonly SourceCoverage[], edges: readonly { readonly cluster: string }[]): string[] =>
  [...new Set([...coverage, ...edges].map(({ cluster }) => cluster))].sort()

/** What is of each cluster, in its order. */
function byCluster<Row extends { readonly cluster: string }, T>(
  rows: readonly Row[],
  of: (row: Row) => T,
): (cluster: string) => readonly T[] {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(row.cluster)
    if (group) group.push(of(row))
    else groups.set(row.cluster, [of(row)])
  }
  return (cluster) => groups.get(cluster) ?? []
}

/** Edges of workloads to providers on which bytes were counted. */
const countedEdges = ({ edges }: DatasetFacts): CountedEdge[] =>
  edges.flatMap(({ clientId, edge }) => {
    const counts = edge.variants.some(({ counters }) => counters.bytesSent > 0)
    return counts && edge.server.provider && isWorkload(edge.client)
      ? [{ edgeId: edge.edgeId, clientId, providerId: edge.server.provider.id }]
      : []
  })

const isWorkload = (peer: PeerFacts): boolean => peer.class === 'workload'
