import type { GraphEdge, GraphNode, NoiseKind } from '@/lib/model/graph'
import { isNeverHidden } from './needs-person'

const DNS_PORT = 53
const MDNS_PORT = 5353
/** Where clusters keep their name servers, and what these are called. */
const DNS_NAMESPACES: ReadonlySet<string> = new Set(['kube-system', 'openshift-dns'])
const DNS_NAMES = /^(kube-dns|coredns|node-local-dns|nodelocaldns|dns-default)$/

const MONITORING_NAMESPACES: ReadonlySet<string> = new Set([
  'monitoring',
  'prometheus',
  'observability',
  'openshift-monitoring',
  'openshift-user-workload-monitoring',
  'tigera-prometheus',
])
/** Scrapers, exporters and shippers, by the names that their charts give them, with what a release puts before or after. */
const MONITORING_NAMES =
  /(^|-)(prometheus|alertmanager|vmagent|vmsingle|vmcluster|grafana-agent|grafana-alloy|alloy|otel-collector|opentelemetry-collector|datadog-agent|datadog-cluster-agent|newrelic-infrastructure|kube-state-metrics|node-exporter|blackbox-exporter|metrics-server|fluent-bit|fluentd|promtail|telegraf)(-|$)/

/**
 * What kind of noise an edge is; undefined where it is none. The rules, which docs/scope.md repeats:
 *
 * - `dns`: server port 53 or 5353, or the server is a cluster's name server (`kube-dns`, `coredns`, `node-local-dns`, … in
 *   `kube-system` or `openshift-dns`).
 * - `host`: one end is the cluster's nodes: the kubelet's probes, agents in the host network.
 * - `monitoring`: one end is in a namespace of monitoring, or is called as scrapers, exporters and log shippers are.
 *
 * Never noise, whatever its name: an edge with an AI workload or a provider, and one that needs a person (denied, would be denied,
 * dropped, violation, open finding). Names are the workload's own choice: that is why hidden noise is counted.
 */
export function noiseOf(edge: GraphEdge, nodes: ReadonlyMap<string, GraphNode>): NoiseKind | undefined {
  if (isNeverHidden(edge)) return undefined
  const client = nodes.get(edge.client)
  const server = nodes.get(edge.server)
  if (edge.serverPort === DNS_PORT || edge.serverPort === MDNS_PORT || isNameServer(server)) return 'dns'
  if (client?.class === 'host' || server?.class === 'host') return 'host'
  return isMonitoring(client) || isMonitoring(server) ? 'monitoring' : undefined
}

const isNameServer = (node: GraphNode | undefined): boolean =>
  node?.class === 'workload' && DNS_NAMESPACES.has(node.namespace) && DNS_NAMES.test(node.name)

const isMonitoring = (node: GraphNode | undefined): boolean =>
  node?.class === 'workload' && (MONITORING_NAMESPACES.has(node.namespace) || MONITORING_NAMES.test(node.name))
