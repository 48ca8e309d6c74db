import { CALICO_INTERVAL_S, intervalOf, namesAtNode, watches } from './sightings'
import {
  type CalicoWatcher,
  clusterOf,
  type GoldmaneWatcher,
  type PlantPod,
  podName,
  podOf,
  type Scenario,
  type SideFlow,
  type TrueCall,
} from './world'

export interface CalicoLine {
  readonly cluster: string
  readonly line: string
}

const NOTHING = {
  dest_service_namespace: '-',
  dest_service_name: '-',
  dest_service_port: '-',
  dest_service_port_num: null,
  nat_outgoing_ports: null,
  http_requests_allowed_in: 0,
  http_requests_denied_in: 0,
  process_name: '-',
  process_id: '-',
  original_source_ips: null,
  num_original_source_ips: 0,
}

/** Flow logs of Calico Enterprise, one record per call and interval, as `flows.log` has them. */
export function enterpriseLines(scenario: Scenario, watcher: CalicoWatcher, baseMs: number): CalicoLine[] {
  const calls = scenario.calls
    .filter((call) => watches(watcher, call))
    .map((call) => callRecord(scenario, watcher, call, baseMs))
  const sides = (scenario.sideFlows ?? []).flatMap((flow) => sideRecord(scenario, flow, baseMs))
  return [...calls, ...sides].map(({ cluster, record }) => ({ cluster, line: JSON.stringify(record) }))
}

function callRecord(scenario: Scenario, { aggregation, hasDomains }: CalicoWatcher, call: TrueCall, baseMs: number) {
  const pod = podOf(scenario, call.pod)
  const isDenied = call.fate === 'blocked'
  // Denied flows keep addresses and pods by default.
  const level = isDenied ? Math.min(aggregation, 1) : aggregation
  const names = hasDomains === false ? [] : namesAtNode(scenario, call)
  const policy = isDenied ? '0|default|ml/default.no-egress|deny|-1' : '0|default|default.egress|allow|2'
  const many = call.times ?? 1
  return {
    cluster: clusterOf(scenario, pod),
    record: {
      ...intervalFields(baseMs, call.atS),
      host: pod.node,
      ...sourceFields(pod, level < 2),
      source_port: level === 0 ? call.clientPort : null,
      dest_ip: level < 2 ? call.serverIp : null,
      dest_name: '-',
      dest_name_aggr: /^10\./.test(call.serverIp) ? 'pvt' : 'pub',
      dest_namespace: '-',
      dest_port: call.port,
      dest_type: 'net',
      dest_labels: null,
      dest_domains: names.length > 0 ? names : null,
      ...NOTHING,
      proto: 'tcp',
      action: isDenied ? 'deny' : 'allow',
      reporter: 'src',
      policies: { enforced_policies: [policy], pending_policies: [policy] },
      ...counters(many, call.bytesOut, call.bytesIn),
    },
  }
}

function sideRecord(scenario: Scenario, flow: SideFlow, baseMs: number) {
  const [client, server] = [flow.from, flow.to].map((key) => scenario.pods.find((pod) => pod.key === key))
  const near = client ?? server
  if (!near) return []
  const policy = policyText(flow, near)
  return [
    {
      cluster: clusterOf(scenario, near),
      record: {
        ...intervalFields(baseMs, flow.atS),
        host: near.node,
        ...(client ? sourceFields(client, true) : { ...strangerFields('source', flow.from), source_labels: null }),
        source_port: null,
        ...(server ? destFields(server) : { ...strangerFields('dest', flow.to), dest_labels: null }),
        dest_port: flow.port,
        dest_domains: null,
        ...NOTHING,
        proto: 'tcp',
        action: flow.isDenied ? 'deny' : 'allow',
        reporter: client && !server ? 'src' : 'dst',
        policies: { enforced_policies: [policy], pending_policies: [policy] },
        ...counters(1, flow.bytesOut, flow.bytesIn),
      },
    },
  ]
}

const policyText = ({ by, isDenied }: SideFlow, pod: PlantPod): string => {
  const action = isDenied ? 'deny' : 'allow'
  if (by === 'nothing' || by === 'profile') return `0|__PROFILE__|__PROFILE__.kns.${pod.namespace}|${action}|0`
  return `0|default|${pod.namespace}/default.${by.policy}|${action}|0`
}

const intervalFields = (baseMs: number, atS: number) => {
  const [fromS, toS] = intervalOf(atS, CALICO_INTERVAL_S)
  return { start_time: Math.round(baseMs / 1000 + fromS), end_time: Math.round(baseMs / 1000 + toS) }
}

const counters = (many: number, bytesOut = 4000 * many, bytesIn = 9000 * many) => ({
  bytes_in: bytesIn,
  bytes_out: bytesOut,
  packets_in: 40 * many,
  packets_out: 30 * many,
  num_flows: many,
  num_flows_started: many,
  num_flows_completed: many,
})

const labelsOf = (pod: PlantPod) => ({
  labels: [...Object.entries(pod.labels).map(([key, value]) => `${key}=${value}`), 'pod-template-hash=7d9c8b6f5'],
})
const sourceFields = (pod: PlantPod, isFine: boolean) => ({
  source_ip: isFine ? pod.ip : null,
  source_name: isFine ? podName(pod) : '-',
  source_name_aggr: `${pod.workload}-7d9c8b6f5-*`,
  source_namespace: pod.namespace,
  source_type: 'wep',
  source_labels: labelsOf(pod),
})
const destFields = (pod: PlantPod) => ({
  dest_ip: pod.ip,
  dest_name: podName(pod),
  dest_name_aggr: `${pod.workload}-7d9c8b6f5-*`,
  dest_namespace: pod.namespace,
  dest_type: 'wep',
  dest_labels: labelsOf(pod),
})
const strangerFields = (side: 'source' | 'dest', ip: string) => ({
  [`${side}_ip`]: ip,
  [`${side}_name`]: '-',
  // Calico's `pvt` is RFC 1918 alone: the metadata address is `pub`.
  [`${side}_name_aggr`]: /^10\.|^192\.168\./.test(ip) ? 'pvt' : 'pub',
  [`${side}_namespace`]: '-',
  [`${side}_type`]: 'net',
})

const BUCKET_S = 15

/** Goldmane's records of the same: no address, no port of the client, no name; the internet is one. */
export function goldmaneLines(scenario: Scenario, watcher: GoldmaneWatcher, baseMs: number): CalicoLine[] {
  const groups = new Map<string, { readonly pod: PlantPod; readonly call: TrueCall; many: number }>()
  for (const call of scenario.calls.filter((one) => watches(watcher, one))) {
    const pod = podOf(scenario, call.pod)
    const [startS] = intervalOf(call.atS, BUCKET_S)
    const key = [pod.cluster, pod.namespace, pod.workload, call.port, call.fate, startS].join('\n')
    const group = groups.get(key) ?? { pod, call, many: 0 }
    group.many += call.times ?? 1
    groups.set(key, group)
  }
  const calls = [...groups.values()].map(({ pod, call, many }) => {
    const isDenied = call.fate === 'blocked'
    const hit = isDenied
      ? {
          kind: 10,
          tier: 'default',
          action: 2,
          rule_index: -1,
          trigger: { kind: 6, namespace: pod.namespace, name: 'no-egress', tier: 'default' },
        }
      : { kind: 1, namespace: pod.namespace, name: 'allow-egress', tier: 'platform', action: 1 }
    const key = {
      ...goldmaneSource(pod),
      dest_name: 'pub',
      dest_namespace: '-',
      dest_type: 4,
      dest_port: call.port,
    }
    return goldmaneLine(scenario, pod, baseMs, call.atS, key, isDenied ? 2 : 1, 1, hit, many)
  })
  const sides = (scenario.sideFlows ?? []).flatMap((flow) => {
    const [client, server] = [flow.from, flow.to].map((name) => scenario.pods.find((pod) => pod.key === name))
    const near = client ?? server
    if (!near) return []
    const hit =
      typeof flow.by === 'object'
        ? { kind: 1, namespace: near.namespace, name: flow.by.policy, tier: 'default', action: flow.isDenied ? 2 : 1 }
        : { kind: 9, name: `kns.${near.namespace}`, action: flow.isDenied ? 2 : 1 }
    const key = {
      ...(client ? goldmaneSource(client) : { source_name: 'pub', source_namespace: '-', source_type: 4 }),
      ...(server
        ? { dest_name: `${server.workload}-7d9c8b6f5-*`, dest_namespace: server.namespace, dest_type: 1 }
        : { dest_name: 'pub', dest_namespace: '-', dest_type: 4 }),
      dest_port: flow.port,
    }
    const labels = server ? { dest_labels: goldmaneLabels(server) } : {}
    const reporter = server ? 2 : 1
    return [goldmaneLine(scenario, near, baseMs, flow.atS, key, flow.isDenied ? 2 : 1, reporter, hit, 1, labels)]
  })
  return [...calls, ...sides]
}

const goldmaneSource = (pod: PlantPod) => ({
  source_name: `${pod.workload}-7d9c8b6f5-*`,
  source_namespace: pod.namespace,
  source_type: 1,
})
const goldmaneLabels = (pod: PlantPod) => Object.entries(pod.labels).map(([key, value]) => `${key}=${value}`)

function goldmaneLine(
  scenario: Scenario,
  pod: PlantPod,
  baseMs: number,
  atS: number,
  key: object,
  action: number,
  reporter: number,
  hit: object,
  many: number,
  labels: object = {},
): CalicoLine {
  const [startS, endS] = intervalOf(atS, BUCKET_S)
  const record = {
    Key: { ...key, proto: 'tcp', reporter, action, policies: { enforced_policies: [hit], pending_policies: [hit] } },
    start_time: Math.round(baseMs / 1000 + startS),
    end_time: Math.round(baseMs / 1000 + endS),
    source_labels: goldmaneLabels(pod),
    ...labels,
    packets_in: 9 * many,
    packets_out: 11 * many,
    bytes_in: 5200 * many,
    bytes_out: 1800 * many,
    num_connections_started: many,
    num_connections_completed: many,
  }
  return { cluster: clusterOf(scenario, pod), line: JSON.stringify(record) }
}
