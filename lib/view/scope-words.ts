import type { GraphLevel, HiddenCause, NoiseKind, Place, PodCounts, ServiceGraph } from '@/lib/model/graph'
import { counted, formatCount, formatShare } from './format'

export const LEVEL_WORD: Readonly<Record<GraphLevel, string>> = {
  cluster: 'Cluster',
  namespace: 'Namespace',
  workload: 'Workload',
  pod: 'Pod',
}

export const NOISE_WORD: Readonly<Record<NoiseKind, { readonly name: string; readonly what: string }>> = {
  dns: { name: 'DNS', what: 'port 53, and the cluster’s name servers' },
  host: { name: 'Nodes', what: 'what nodes and agents on them send and receive, probes too' },
  monitoring: { name: 'Monitoring', what: 'namespaces of monitoring, scrapers, exporters and log shippers' },
}

/** Why edges are not on the screen, each cause a sentence. `edges` of the one with nothing to say are left out. */
export interface HiddenWords {
  readonly cause: HiddenCause
  readonly text: string
  /** Why, where the sentence does not say it all. */
  readonly why?: string
}

const WHY: Readonly<Record<HiddenCause, string | undefined>> = {
  filters: undefined,
  problems:
    'Only problems is on: denied, would be denied, dropped, a violation at the door, or an open finding. Everything else needs nobody.',
  noise:
    'Noise toggles never hide AI traffic, or what is denied, would be denied, dropped, a violation or flagged by a finding. A name alone makes a workload noise: what is hidden is counted here.',
  limit:
    'More nodes and edges than this cannot be read, nor drawn smoothly. The quietest are left out first, with nodes that have no others; never AI traffic, and never what is denied, would be denied, dropped, a violation or flagged by a finding. A coarser level shows all of it as sums.',
}

/** What is hidden, as sentences: how many edges, how much of all traffic, how many of them denied. */
export function hiddenWords({ by, measure }: ServiceGraph['hidden']): HiddenWords[] {
  const causes: readonly HiddenCause[] = ['limit', 'noise', 'problems', 'filters']
  return causes.flatMap((cause) => {
    const part = by?.[cause]
    if (!part) return []
    const weight = `${formatShare(part.share)} of ${measure ?? 'connections'}, ${formatCount(part.denied)} denied`
    const why = WHY[cause]
    return [{ cause, text: `${sentence(cause, part.edges)} (${weight})`, ...(why !== undefined && { why }) }]
  })
}

function sentence(cause: HiddenCause, edges: number): string {
  switch (cause) {
    case 'limit':
      return `${counted(edges, 'quiet edge is', 'quiet edges are')} left out for readability`
    case 'noise':
      return `${counted(edges, 'edge is', 'edges are')} hidden as noise`
    case 'problems':
      return `${counted(edges, 'edge needs', 'edges need')} nobody`
    case 'filters':
      return `${counted(edges, 'more edge does', 'more edges do')} not match this view`
  }
}

/** What is on the screen, beside what is hidden: how many edges are drawn, within groups, and in all. */
export function shownWords(graph: Pick<ServiceGraph, 'nodes' | 'edges' | 'hidden'>): string {
  const inner = graph.nodes.reduce((sum, { group }) => sum + (group?.innerEdges ?? 0), 0)
  const drawn = graph.edges.reduce((sum, { bundle }) => sum + (bundle?.edges ?? 1), 0)
  const all = drawn + inner + graph.hidden.edges
  const within = inner > 0 ? `, ${formatCount(inner)} within groups` : ''
  const asLines = drawn > graph.edges.length ? ` as ${counted(graph.edges.length, 'line', 'lines')}` : ''
  return `Showing ${formatCount(drawn)} of ${counted(all, 'edge', 'edges')}${asLines}${within}`
}

/** What the pod level is made of, and what it cannot tell. */
export function podWords({ records, recordsLeft, edgesWithoutPods }: PodCounts): string {
  const left = recordsLeft > 0 ? `; ${formatCount(recordsLeft)} older ones were not read` : ''
  const without =
    edgesWithoutPods > 0
      ? ` ${counted(edgesWithoutPods, 'edge stays', 'edges stay')} with the workload: no record of ${edgesWithoutPods === 1 ? 'it' : 'them'} names a pod.`
      : ''
  return `Pods are drawn from ${counted(records, 'kept flow record', 'kept flow records')}${left}. Of allowed traffic within a cluster only examples are kept: figures are of these records.${without}`
}

/** The steps to a place, from the whole to it. */
export function placeSteps({
  cluster,
  namespace,
  workload,
}: Place): { readonly label: string; readonly place: Place }[] {
  return [
    { label: cluster || 'cluster without a name', place: { cluster } },
    ...(namespace === undefined ? [] : [{ label: namespace, place: { cluster, namespace } }]),
    ...(namespace === undefined || workload === undefined
      ? []
      : [{ label: workload, place: { cluster, namespace, workload } }]),
  ]
}
