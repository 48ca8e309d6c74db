import { CALLS, type DemoCall, type DemoWorkload, OUTSIDE, WORKLOADS } from './topology'

/** A small, fast, seeded generator (mulberry32): the demo must be the same for the same seed. */
export function createRng(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const SLOT_MS = 1000

/**
 * Hubble exporter lines of the demo cluster for `[startMs, endMs)`: each connection as both nodes report it (policy verdict
 * or trace at the client, trace at the server). Time is cut into whole seconds, each with its own generator, so that a
 * stretch has the same lines whether it is asked for whole or in pieces.
 */
export function hubbleLines({
  seed,
  startMs,
  endMs,
}: {
  readonly seed: number
  readonly startMs: number
  readonly endMs: number
}): string[] {
  const lines: string[] = []
  for (let slot = Math.ceil(startMs / SLOT_MS); slot * SLOT_MS < endMs; slot += 1) {
    const rng = createRng(seed ^ Math.imul(slot, 0x9e3779b1))
    for (const [index, call] of CALLS.entries()) {
      if (rng() >= 1 / call.everyS) continue
      const atMs = slot * SLOT_MS + Math.floor(rng() * SLOT_MS)
      lines.push(...connectionLines(call, atMs, 32_768 + Math.floor(rng() * 28_000), `${slot}-${index}`))
    }
  }
  return lines
}

const byName = new Map(WORKLOADS.map((item) => [`${item.namespace}/${item.name}`, item]))

function connectionLines(call: DemoCall, atMs: number, clientPort: number, id: string): string[] {
  const client = byName.get(call.from)
  if (!client) return []
  const server = byName.get(call.to)
  const serverIp = server?.ip ?? OUTSIDE[call.to] ?? ''
  const base = {
    IP: { source: client.ip, destination: serverIp, ipVersion: 'IPv4' },
    l4: { TCP: { source_port: clientPort, destination_port: call.port, flags: { SYN: true } } },
    Type: 'L3_L4',
    is_reply: false,
    ...(!server && { destination_names: [call.to] }),
  }
  const flows: Record<string, unknown>[] = [clientFlow(call, client, server, base, atMs, id)]
  if (server) flows.push(serverFlow(client, server, base, atMs + 1, id))
  return flows.map((flow) => JSON.stringify({ flow, node_name: flow.node_name, time: flow.time }))
}

function clientFlow(
  call: DemoCall,
  client: DemoWorkload,
  server: DemoWorkload | undefined,
  base: object,
  atMs: number,
  id: string,
): Record<string, unknown> {
  const verdict = call.policy
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
    verdict: 'FORWARDED',
    ...base,
    source: local(client),
    destination: server
      ? remote(server)
      : { identity: 16_777_217, labels: [`cidr:${OUTSIDE[call.to]}/32`, 'reserved:world'] },
    node_name: `demo/${client.node}`,
    ...verdict,
  }
}

const serverFlow = (
  client: DemoWorkload,
  server: DemoWorkload,
  base: object,
  atMs: number,
  id: string,
): Record<string, unknown> => ({
  time: isoOf(atMs),
  uuid: uuidOf(`${id}-server`),
  verdict: 'FORWARDED',
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
function uuidOf(text: string): string {
  const words = [1, 2, 3, 4].map((round) => {
    let hash = Math.imul(round, 0x9e3779b1) >>> 0
    for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
    return hash.toString(16).padStart(8, '0')
  })
  const hex = words.join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
