import { type DemoConnection, type DemoSpan, demoConnections } from './connections'
import { type DemoCall, type DemoWorkload, OUTSIDE } from './topology'

/**
 * Hubble exporter lines of the demo cluster: each connection as both nodes report it (policy verdict or trace at the client,
 * trace at the server; a denied one at the client only).
 */
export const hubbleLines = (span: DemoSpan): string[] => demoConnections(span).flatMap(linesOf)

/** Members in the order in which exporters write them: that of the protocol's fields. */
const WIRE_ORDER = [
  'time',
  'uuid',
  'verdict',
  'IP',
  'l4',
  'source',
  'destination',
  'Type',
  'node_name',
  'destination_names',
  'event_type',
  'traffic_direction',
  'policy_match_type',
  'trace_observation_point',
  'trace_reason',
  'drop_reason_desc',
  'is_reply',
  'egress_allowed_by',
] as const

/** The lines that both nodes write of one connection. */
export function linesOf({ call, client, server, serverIp, clientPort, atMs, id }: DemoConnection): string[] {
  const base = {
    IP: { source: client.ip, destination: serverIp, ipVersion: 'IPv4' },
    l4: { TCP: { source_port: clientPort, destination_port: call.port, flags: { SYN: true } } },
    Type: 'L3_L4',
    ...(!server && { destination_names: [call.to] }),
  }
  const flows: WireFlow[] = [clientFlow(call, client, server, base, atMs, id)]
  if (server && !call.isDenied) flows.push(serverFlow(client, server, base, atMs + 1, id))
  return flows.map((flow) => JSON.stringify({ flow: inWireOrder(flow), node_name: flow.node_name, time: flow.time }))
}

type WireFlow = Readonly<Partial<Record<(typeof WIRE_ORDER)[number], unknown>>>

/** What has no value is left out by JSON. */
const inWireOrder = (flow: WireFlow): WireFlow => Object.fromEntries(WIRE_ORDER.map((key) => [key, flow[key]]))

function clientFlow(
  call: DemoCall,
  client: DemoWorkload,
  server: DemoWorkload | undefined,
  base: object,
  atMs: number,
  id: string,
): WireFlow {
  const verdict = call.isDenied
    ? { event_type: { type: 5 }, traffic_direction: 'EGRESS', drop_reason_desc: 'POLICY_DENIED' }
    : call.policy
      ? {
          event_type: { type: 5 },
          traffic_direction: 'EGRESS',
          policy_match_type: 2,
          egress_allowed_by: [
            { name: call.policy, namespace: client.namespace, kind: 'CiliumNetworkPolicy', revision: '12' },
          ],
        }
      : { event_type: { type: 4, sub_type: 3 }, trace_observation_point: 'TO_STACK', trace_reason: 'NEW' }
  return {
    time: isoOf(atMs),
    uuid: uuidOf(`${id}-client`),
    verdict: call.isDenied ? 'DROPPED' : 'FORWARDED',
    ...(!call.isDenied && { is_reply: false }),
    ...base,
    source: local(client),
    destination: server
      ? remote(server)
      : { identity: 16_777_217, labels: [`cidr:${OUTSIDE[call.to]}/32`, 'reserved:world'] },
    node_name: `demo/${client.node}`,
    ...verdict,
  }
}

const serverFlow = (client: DemoWorkload, server: DemoWorkload, base: object, atMs: number, id: string): WireFlow => ({
  time: isoOf(atMs),
  uuid: uuidOf(`${id}-server`),
  verdict: 'FORWARDED',
  is_reply: false,
  ...base,
  source: remote(client),
  destination: local(server),
  node_name: `demo/${server.node}`,
  event_type: { type: 4 },
  trace_observation_point: 'TO_ENDPOINT',
  trace_reason: 'NEW',
})

const remote = (item: DemoWorkload) => ({
  identity: 1000 + Number(item.ip.split('.')[3]),
  namespace: item.namespace,
  labels: item.labels,
  pod_name: `${item.name}-7d9c8b6f5-x2v4q`,
})
const local = (item: DemoWorkload) => ({
  ID: 200 + Number(item.ip.split('.')[3]),
  ...remote(item),
  workloads: [{ name: item.name, kind: 'Deployment' }],
})

const isoOf = (ms: number): string => new Date(ms).toISOString()

/** A uuid that depends on nothing but the text: four rounds of a 32-bit hash. */
export function uuidOf(text: string): string {
  const words = [1, 2, 3, 4].map((round) => {
    let hash = Math.imul(round, 0x9e3779b1) >>> 0
    for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
    return hash.toString(16).padStart(8, '0')
  })
  const hex = words.join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
