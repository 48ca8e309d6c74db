/** A cluster as pages show it: namespaces of about ten workloads, one in twenty nodes outside, a hub that many call. */
export interface UiLoad {
  readonly nodes: number
  readonly cluster: string
  readonly nowMs: number
}

const PER_NAMESPACE = 10
const EDGES_PER_NODE = 2.2
const OUTSIDE_SHARE = 0.05
const HUB_SHARE = 0.25
/** One call in so many is denied, or has no policy. */
const DENIED_EVERY = 23

/** Hubble lines of one call per edge, seen at the client. The same load gives the same edges. */
export function uiLines({ nodes, cluster, nowMs }: UiLoad): string[] {
  const outside = Math.max(1, Math.round(nodes * OUTSIDE_SHARE))
  const workloads = nodes - outside
  let state = nodes
  const roll = (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
  const lines: string[] = []
  const seen = new Set<string>()
  const call = (from: number, to: number | `out${number}`) => {
    const key = `${from} ${to}`
    if (from === to || seen.has(key)) return
    seen.add(key)
    lines.push(uiLine({ from, to, cluster, atMs: nowMs - 1000 - (lines.length % 50_000), at: lines.length }))
  }
  // Everybody is in the graph: each calls the one before, and each name outside is called by somebody.
  for (let at = 1; at < workloads; at += 1) call(at, at % PER_NAMESPACE === 0 ? at - roll(at) - 1 : at - 1)
  for (let at = 0; at < outside; at += 1) call(roll(workloads), `out${at}`)
  for (let more = Math.round(nodes * EDGES_PER_NODE) - lines.length; more > 0; more -= 1) {
    const from = roll(workloads)
    call(
      from,
      roll(1000) < HUB_SHARE * 1000
        ? 0
        : Math.min(workloads - 1, from - (from % PER_NAMESPACE) + roll(2 * PER_NAMESPACE)),
    )
  }
  return lines
}

interface UiCall {
  readonly from: number
  readonly to: number | `out${number}`
  readonly cluster: string
  readonly atMs: number
  readonly at: number
}

/** One call between two of them; `at` tells it from others. */
export function uiLine({ from, to, cluster, atMs, at }: UiCall): string {
  const pod = (index: number) => ({
    namespace: `team-${Math.floor(index / PER_NAMESPACE)}`,
    pod_name: `service-${index}-0`,
    labels: [`k8s:app=service-${index}`],
    workloads: [{ name: `service-${index}`, kind: 'Deployment' }],
  })
  const isDenied = at % DENIED_EVERY === 5
  const address = (index: number) => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
  const isOutside = typeof to === 'string'
  return JSON.stringify({
    flow: {
      time: new Date(atMs).toISOString(),
      uuid: `00000000-0000-4000-b000-${at.toString(16).padStart(12, '0')}`,
      verdict: isDenied ? 'DROPPED' : 'FORWARDED',
      ...(isDenied && { drop_reason_desc: 'POLICY_DENIED' }),
      IP: {
        source: address(from + 1),
        destination: isOutside ? `198.51.100.${Number(to.slice(3)) % 250}` : address(to + 1),
        ipVersion: 'IPv4',
      },
      l4: { TCP: { source_port: 20_000 + (at % 40_000), destination_port: 8080, flags: { SYN: true } } },
      source: { ID: from, identity: 100 + from, cluster_name: cluster, ...pod(from) },
      destination: isOutside
        ? { identity: 2, labels: ['reserved:world'] }
        : { identity: 100 + to, cluster_name: cluster, ...pod(to) },
      Type: 'L3_L4',
      node_name: `${cluster}/node-1`,
      ...(isOutside && { destination_names: [`api-${to.slice(3)}.example.com`] }),
      event_type: { type: isDenied ? 5 : 4 },
      traffic_direction: 'EGRESS',
    },
    node_name: `${cluster}/node-1`,
    time: new Date(atMs).toISOString(),
  })
}
