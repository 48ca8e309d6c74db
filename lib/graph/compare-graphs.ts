import type {
  EdgeDifference,
  EdgeSums,
  GraphComparison,
  SourceSilence,
  VolumeUnit,
  WindowSums,
} from '@/lib/model/comparison'
import type { EdgeChange, GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import type { SourceName } from '@/lib/model/source-name'
import { bytesOf } from './volume'

/** A volume has changed where it is so many times as much, or as little … */
export const VOLUME_FACTOR = 2
/** … and the difference is at least so many units, or bytes: twice as much of little is chance. */
export const VOLUME_UNITS = 20
const VOLUME_BYTES = 1024 * 1024

const NO_SILENCES: GraphComparison['silences'] = { before: [], after: [] }
const ORDER: readonly EdgeChange[] = ['verdict', 'added', 'removed', 'volume']
/** What flows, and NAT records where no flow tells, are known from: an edge that says nothing of its sources may be of any. */
const FLOW_SOURCES: readonly SourceName[] = ['hubble', 'calico', 'nat']

/**
 * How a window differs from the one that it is compared with, by edge id: edges that only one of them saw, verdicts that
 * changed, volumes that changed by `VOLUME_FACTOR` and more than noise. An edge has one change; a changed verdict says its factor
 * beside. `silences` says what did not cover each window: an edge whose sources all covered the window that lacks it is
 * added or removed, any other is only not seen. Pure; both graphs must be cut by the same view, without caps.
 */
export function compareGraphs(
  before: ServiceGraph,
  after: ServiceGraph,
  silences: GraphComparison['silences'] = NO_SILENCES,
): GraphComparison {
  const nodes = unionById(before.nodes, after.nodes)
  const edges = unionById(before.edges, after.edges)
  const names = new Map(nodes.map((node) => [node.id, node]))
  const earlier = new Map(before.edges.map((edge) => [edge.id, edge]))
  const later = new Map(after.edges.map((edge) => [edge.id, edge]))
  const differences = edges.flatMap(({ id }) => differenceOf(earlier.get(id), later.get(id), names, silences) ?? [])
  differences.sort(
    (a, b) =>
      ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || weightOf(b) - weightOf(a) || compareText(a.edgeId, b.edgeId),
  )
  return {
    before: sumsOf(before),
    after: sumsOf(after),
    graph: { ...after, nodes, edges },
    differences,
    silences,
  }
}

/** By edge id, for a drawing. */
export const changesById = (differences: readonly EdgeDifference[]): ReadonlyMap<string, EdgeChange> =>
  new Map(differences.map(({ edgeId, kind }) => [edgeId, kind]))

function differenceOf(
  before: GraphEdge | undefined,
  after: GraphEdge | undefined,
  names: ReadonlyMap<string, GraphNode>,
  silences: GraphComparison['silences'],
): EdgeDifference | undefined {
  const edge = after ?? before
  if (!edge) return undefined
  const volume = before && after && volumeChange(before, after)
  const kind = kindOf(before, after, volume !== undefined)
  if (!kind) return undefined
  const told = sourcesOf(before, after)
  const missed = (of: readonly SourceSilence[]) =>
    of.filter(({ source, cluster }) => cluster === edge.cluster && told.has(source))
  return {
    edgeId: edge.id,
    kind,
    client: names.get(edge.client)?.label ?? edge.client,
    server: names.get(edge.server)?.label ?? edge.server,
    serverPort: edge.serverPort,
    protocol: edge.protocol,
    cluster: edge.cluster,
    ...(before && { before: edgeSums(before) }),
    ...(after && { after: edgeSums(after) }),
    ...volume,
    uncovered: [
      ...(kind === 'removed' ? [] : missed(silences.before)),
      ...(kind === 'added' ? [] : missed(silences.after)),
    ],
  }
}

function kindOf(
  before: GraphEdge | undefined,
  after: GraphEdge | undefined,
  isVolume: boolean,
): EdgeChange | undefined {
  if (!before) return 'added'
  if (!after) return 'removed'
  if (before.state !== after.state) return 'verdict'
  return isVolume ? 'volume' : undefined
}

/** What told of the edge in either window. */
function sourcesOf(before: GraphEdge | undefined, after: GraphEdge | undefined): ReadonlySet<SourceName> {
  const told = new Set<SourceName>()
  for (const edge of [before, after]) {
    for (const { source } of edge?.variants ?? []) told.add(source)
    if (edge && edge.counters.spans > 0) told.add('otlp')
  }
  return told.size > 0 ? told : new Set(FLOW_SOURCES)
}

/** In the unit that the edge is counted in, else in bytes; undefined where it is about the same. */
function volumeChange(before: GraphEdge, after: GraphEdge): { factor: number; unit: VolumeUnit } | undefined {
  const units = (['connections', 'requests', 'events', 'spans'] as const).find(
    (unit) => before.counters[unit] > 0 || after.counters[unit] > 0,
  )
  const byUnits = units && factorOf(before.counters[units], after.counters[units], VOLUME_UNITS)
  if (units && byUnits !== undefined) return { factor: byUnits, unit: units }
  const byBytes = factorOf(bytesOf(before), bytesOf(after), VOLUME_BYTES)
  return byBytes === undefined ? undefined : { factor: byBytes, unit: 'bytes' }
}

/** Nothing beside something is not so many times as much: the unit was not counted in one of the windows. */
function factorOf(before: number, after: number, least: number): number | undefined {
  if (before === 0 || after === 0 || Math.abs(after - before) < least) return undefined
  const factor = after / before
  return factor >= VOLUME_FACTOR || factor <= 1 / VOLUME_FACTOR ? factor : undefined
}

const edgeSums = ({ state, passed, denied, wouldBeDenied, dropped, counters }: GraphEdge): EdgeSums => ({
  state,
  passed,
  denied,
  wouldBeDenied,
  dropped,
  counters,
})

function sumsOf({ window, edges }: ServiceGraph): WindowSums {
  const sum = (of: (edge: GraphEdge) => number) => edges.reduce((total, edge) => total + of(edge), 0)
  return {
    window,
    edges: edges.length,
    passed: sum((edge) => edge.passed),
    denied: sum((edge) => edge.denied),
    bytes: sum(bytesOf),
  }
}

/** Denied units weigh most, then units at all: what a person wants to see first of a kind. */
const weightOf = ({ before, after }: EdgeDifference): number =>
  Math.max(before?.denied ?? 0, after?.denied ?? 0) * 1e9 + Math.max(before?.passed ?? 0, after?.passed ?? 0)

/** Those of both by id, in the order of ids; of what both have, the second's. */
function unionById<T extends { readonly id: string }>(first: readonly T[], second: readonly T[]): T[] {
  const byId = new Map([...first, ...second].map((item) => [item.id, item]))
  return [...byId.values()].sort((a, b) => compareText(a.id, b.id))
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
