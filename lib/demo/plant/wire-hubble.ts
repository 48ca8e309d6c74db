import { uuidOf } from '../hubble-lines'
import { namesAtNode, watches } from './sightings'
import { askedIn } from './wire-names'
import {
  clusterOf,
  type HubbleWatcher,
  type NameWatcher,
  NODES,
  type PlantPod,
  podName,
  podOf,
  type Scenario,
  type SideFlow,
  type TranslatedWatcher,
  type TrueCall,
} from './world'

/** A line of Hubble's exporter, with the cluster whose agent wrote it. */
export interface HubbleLine {
  readonly cluster: string
  readonly line: string
}

interface Context {
  readonly scenario: Scenario
  readonly baseMs: number
  readonly skewS: number
}

/** What the agents of Cilium write of a scenario: verdicts, traces, drops, and requests that a proxy saw. */
export function hubbleLines(scenario: Scenario, watcher: HubbleWatcher, baseMs: number): HubbleLine[] {
  const context = { scenario, baseMs, skewS: watcher.skewS ?? 0 }
  const calls = scenario.calls.filter((call) => watches(watcher, call))
  return [
    ...calls.flatMap((call) => {
      const names = watcher.hasNames === false ? [] : namesAtNode(scenario, call)
      return callLines(context, call, names)
    }),
    ...(scenario.sideFlows ?? []).flatMap((flow, index) => sideLines(context, flow, index)),
  ]
}

function callLines(context: Context, call: TrueCall, names: readonly string[]): HubbleLine[] {
  const pod = podOf(context.scenario, call.pod)
  const base = {
    IP: { source: pod.ip, destination: call.serverIp, ipVersion: 'IPv4' },
    l4: { TCP: { source_port: call.clientPort, destination_port: call.port, flags: { SYN: true } } },
    source: local(pod),
    destination: outside(call.serverIp),
    Type: 'L3_L4',
    traffic_direction: 'EGRESS',
    ...(names.length > 0 && { destination_names: names }),
  }
  const write = (atS: number, flow: object, what: string) =>
    lineOf(context, pod, atS, `${call.id} ${what}`, { ...base, ...flow })
  switch (call.fate) {
    case 'blocked': {
      const denied = { verdict: 'DROPPED', drop_reason: 133, drop_reason_desc: 'POLICY_DENIED' }
      return [
        write(call.atS, { ...denied, event_type: { type: 5 } }, 'verdict'),
        write(call.atS, { ...denied, event_type: { type: 1, sub_type: 133 } }, 'drop'),
      ]
    }
    case 'broken': {
      const drop = call.isWithoutAddress
        ? { code: 204, word: 'DROP_NO_EGRESS_IP' }
        : { code: 194, word: 'NO_EGRESS_GATEWAY' }
      return [write(call.atS, droppedFor(drop), 'drop')]
    }
    case 'left': {
      const verdict = {
        verdict: 'FORWARDED',
        is_reply: false,
        event_type: { type: 5 },
        policy_match_type: 2,
        egress_allowed_by: [
          { name: 'allow-egress', namespace: pod.namespace, kind: 'CiliumNetworkPolicy', revision: '4' },
        ],
      }
      const alive = {
        verdict: 'FORWARDED',
        is_reply: false,
        event_type: { type: 4, sub_type: 3 },
        trace_observation_point: 'TO_STACK',
        trace_reason: 'ESTABLISHED',
        l4: { TCP: { ...base.l4.TCP, flags: { ACK: true, PSH: true } } },
      }
      return [
        write(call.atS, verdict, 'verdict'),
        ...(call.lastsS > 0 ? [write(call.atS + call.lastsS, alive, 'alive')] : []),
      ]
    }
  }
}

const droppedFor = ({ code, word }: { readonly code: number; readonly word: string }) => ({
  verdict: 'DROPPED',
  drop_reason: code,
  drop_reason_desc: word,
  event_type: { type: 1, sub_type: code },
})

/** The gateway node's trace after translation: the pod is remote to it, and the port is the translated one. */
export function translatedLines(scenario: Scenario, watcher: TranslatedWatcher, baseMs: number): HubbleLine[] {
  const context = { scenario, baseMs, skewS: watcher.skewS ?? 0 }
  return scenario.calls
    .filter((call) => watches(watcher, call) && call.fate === 'left')
    .map((call) => {
      const pod = podOf(scenario, call.pod)
      const ip = watcher.ip ?? call.seenAs
      const port = call.way.at(-1)?.port ?? call.clientPort
      const [there, back] = [
        { source: remote(pod), destination: outside(call.serverIp) },
        { source: outside(call.serverIp), destination: remote(pod) },
      ]
      const seen = {
        egress: {
          ...there,
          IP: { source: pod.ip, destination: call.serverIp, source_xlated: ip, ipVersion: 'IPv4' },
          l4: { TCP: { source_port: port, destination_port: call.port, flags: { SYN: true } } },
          is_reply: false,
          event_type: { type: 4, sub_type: 11 },
          trace_observation_point: 'TO_NETWORK',
          trace_reason: 'NEW',
          traffic_direction: 'EGRESS',
        },
        overlay: {
          ...there,
          IP: { source: pod.ip, destination: call.serverIp, source_xlated: ip, ipVersion: 'IPv4' },
          l4: { TCP: { source_port: call.clientPort, destination_port: call.port, flags: { SYN: true } } },
          event_type: { type: 4, sub_type: 4 },
          trace_observation_point: 'TO_OVERLAY',
        },
        reply: {
          ...back,
          IP: { source: call.serverIp, destination: pod.ip, source_xlated: ip, ipVersion: 'IPv4' },
          l4: { TCP: { source_port: call.port, destination_port: call.clientPort, flags: { SYN: true, ACK: true } } },
          is_reply: true,
          event_type: { type: 4 },
          trace_observation_point: 'TO_ENDPOINT',
          trace_reason: 'REPLY',
          traffic_direction: 'EGRESS',
        },
      }[watcher.as]
      const flow = { verdict: 'FORWARDED', Type: 'L3_L4', ...seen }
      return lineOf(context, { ...pod, node: watcher.node }, call.atS + 0.01, `${call.id} ${watcher.as}`, flow)
    })
}

/** Answers of DNS that Cilium's proxy saw. */
export function dnsLines(scenario: Scenario, watcher: NameWatcher, baseMs: number): HubbleLine[] {
  const context = { scenario, baseMs, skewS: watcher.skewS ?? 0 }
  return askedIn(scenario, watcher).map(({ pod, name, ip, atS, id }) => {
    const dns = { query: `${name}.`, ips: [ip], ttl: 30, observation_source: 'proxy', qtypes: ['A'], rrtypes: ['A'] }
    const flow = {
      verdict: 'FORWARDED',
      IP: { source: '10.96.0.10', destination: pod.ip, ipVersion: 'IPv4' },
      l4: { UDP: { source_port: 53, destination_port: 50_001 } },
      source: RESOLVER,
      destination: local(pod),
      Type: 'L7',
      event_type: { type: 129 },
      is_reply: true,
      traffic_direction: 'INGRESS',
      l7: { type: 'RESPONSE', latency_ns: '300000', dns },
    }
    return lineOf(context, pod, atS, `${id} dns ${name}`, flow)
  })
}

const RESOLVER = {
  identity: 4242,
  namespace: 'kube-system',
  labels: ['k8s:k8s-app=kube-dns'],
  pod_name: 'coredns-5d78c9869d-7x2lp',
}

function sideLines(context: Context, flow: SideFlow, index: number): HubbleLine[] {
  const { scenario } = context
  const [client, server] = [podAt(scenario, flow.from), podAt(scenario, flow.to)]
  const near = client ?? server
  if (!near) return []
  const id = `side ${index}`
  const base = {
    IP: {
      source: client?.ip ?? flow.from,
      destination: server?.ip ?? flow.to,
      ...(flow.isEncrypted && { encrypted: true }),
    },
    l4: { TCP: { source_port: 42_000 + index, destination_port: flow.port, flags: { SYN: true } } },
    source: client ? local(client) : outside(flow.from),
    destination: server ? remote(server) : outside(flow.to),
    Type: 'L3_L4',
  }
  const direction = client ? 'EGRESS' : 'INGRESS'
  const allowed = typeof flow.by === 'object' && {
    [client ? 'egress_allowed_by' : 'ingress_allowed_by']: [
      { name: flow.by.policy, namespace: near.namespace, kind: 'CiliumNetworkPolicy', revision: '3' },
    ],
  }
  const verdict = flow.drop
    ? droppedFor(flow.drop)
    : flow.isDenied
      ? { verdict: 'DROPPED', drop_reason: 133, drop_reason_desc: 'POLICY_DENIED', event_type: { type: 5 } }
      : flow.by === 'nothing'
        ? {
            verdict: 'FORWARDED',
            is_reply: false,
            event_type: { type: 4, sub_type: 3 },
            trace_observation_point: client ? 'TO_STACK' : 'TO_ENDPOINT',
            trace_reason: 'NEW',
          }
        : { verdict: 'FORWARDED', is_reply: false, event_type: { type: 5 }, policy_match_type: 2, ...allowed }
  const lines = [lineOf(context, near, flow.atS, id, { ...base, ...verdict, traffic_direction: direction })]
  if (!flow.http) return lines
  const http = { method: flow.http.method, url: flow.http.url, protocol: 'HTTP/1.1' }
  const request = {
    ...base,
    verdict: 'FORWARDED',
    Type: 'L7',
    event_type: { type: 129 },
    is_reply: false,
    traffic_direction: direction,
    l7: { type: 'REQUEST', http },
  }
  lines.push(lineOf(context, near, flow.atS + 0.01, `${id} http`, request))
  if (flow.http.isUnanswered || !client || !server) return lines
  const response = {
    ...request,
    IP: { source: server.ip, destination: client.ip, ...(flow.isEncrypted && { encrypted: true }) },
    l4: { TCP: { source_port: flow.port, destination_port: 42_000 + index } },
    source: remote(server),
    destination: local(client),
    is_reply: true,
    traffic_direction: direction === 'EGRESS' ? 'INGRESS' : 'EGRESS',
    l7: { type: 'RESPONSE', latency_ns: '300000000', http: { ...http, code: 200 } },
  }
  return [...lines, lineOf(context, near, flow.atS + 0.3, `${id} answer`, response)]
}

const podAt = (scenario: Scenario, key: string): PlantPod | undefined => scenario.pods.find((pod) => pod.key === key)

function lineOf(
  { scenario, baseMs, skewS }: Context,
  pod: PlantPod,
  atS: number,
  id: string,
  flow: object,
): HubbleLine {
  const cluster = clusterOf(scenario, pod)
  const time = new Date(Math.round(baseMs + (atS + skewS) * 1000)).toISOString()
  const wire = { time, uuid: uuidOf(`${cluster} ${id}`), node_name: pod.node, ...flow }
  return { cluster, line: JSON.stringify({ flow: wire, node_name: pod.node, time }) }
}

const labelsOf = (pod: PlantPod): string[] => [
  ...Object.entries(pod.labels).map(([key, value]) => `k8s:${key}=${value}`),
  `k8s:io.kubernetes.pod.namespace=${pod.namespace}`,
]
const remote = (pod: PlantPod) => ({
  identity: 1000 + Number(pod.ip.split('.')[3]),
  namespace: pod.namespace,
  labels: labelsOf(pod),
  pod_name: podName(pod),
})
/** Only the pod's own node knows its endpoint and its owner. */
const local = (pod: PlantPod) => ({ ID: 300, ...remote(pod), workloads: [{ name: pod.workload, kind: 'Deployment' }] })

const outside = (ip: string) =>
  Object.values(NODES).includes(ip)
    ? { identity: 1, labels: ['reserved:host'] }
    : { identity: 16_777_217, labels: [`cidr:${ip}/32`, 'reserved:world'] }
