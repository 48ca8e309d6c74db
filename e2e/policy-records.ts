const KIND = { calico: 1, staged: 3, endOfTier: 10 } as const
const ACTION = { allow: 1, deny: 2 } as const

type Hit = Readonly<Record<string, unknown>>

/** A hit of Goldmane, as its emitter writes it. */
export const hitOf = (
  kind: keyof typeof KIND,
  name: string,
  change: {
    readonly tier?: string
    readonly action?: keyof typeof ACTION
    readonly rule?: number
    readonly trigger?: string
  } = {},
): Hit => ({
  kind: KIND[kind],
  ...(name && { name, namespace: 'data' }),
  tier: change.tier ?? 'default',
  action: ACTION[change.action ?? 'allow'],
  rule_index: change.rule ?? 0,
  ...(change.trigger && {
    trigger: { kind: KIND.calico, namespace: 'data', name: change.trigger, tier: change.tier ?? 'default' },
  }),
})

let seconds = 0

/** A record of Goldmane of the server's side, of connections from `inference / batch` to a workload of `data`. */
export function goldmaneRecord(change: {
  readonly to: string
  readonly connections: number
  readonly enforced: readonly Hit[]
  readonly pending?: readonly Hit[]
  readonly action?: keyof typeof ACTION
}): string {
  seconds += 15
  const startS = Math.floor(Date.now() / 1000) - 600 + seconds
  return JSON.stringify({
    Key: {
      source_name: 'batch-7d9c8b6f5-*',
      source_namespace: 'inference',
      source_type: 1,
      dest_name: `${change.to}-7d9c8b6f5-*`,
      dest_namespace: 'data',
      dest_type: 1,
      dest_port: 8080,
      proto: 'tcp',
      reporter: 2,
      action: ACTION[change.action ?? 'allow'],
      policies: { enforced_policies: change.enforced, pending_policies: change.pending ?? change.enforced },
    },
    start_time: startS,
    end_time: startS + 15,
    num_connections_started: change.connections,
  })
}

let uuids = 0

/** A verdict of Hubble for a call of a workload to the internet; without a policy its list is empty. */
export function hubbleVerdict(app: string, policy?: string): string {
  uuids += 1
  return JSON.stringify({
    flow: {
      time: new Date(Date.now() - 60_000).toISOString(),
      uuid: `7b4f3c1e-0000-4000-8000-${String(uuids).padStart(12, '0')}`,
      verdict: 'FORWARDED',
      IP: { source: '10.244.1.7', destination: '198.51.100.20' },
      l4: { TCP: { source_port: 40_000 + uuids, destination_port: 443, flags: { SYN: true } } },
      source: { ID: 1, namespace: 'ml', pod_name: `${app}-7d9c8b6f5-x2x5v`, labels: [`k8s:app=${app}`] },
      destination: { labels: ['reserved:world'] },
      event_type: { type: 5 },
      policy_match_type: 2,
      traffic_direction: 'EGRESS',
      egress_allowed_by: policy ? [{ name: policy, namespace: 'ml', kind: 'CiliumNetworkPolicy' }] : [],
    },
  })
}
