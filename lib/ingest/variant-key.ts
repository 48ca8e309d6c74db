import type { PolicyHit, PolicyRef, PolicyTrace } from '@/lib/model/policy'
import type { Draft } from './draft'

/**
 * Text that is equal for flows of one edge variant: cluster, both identities, protocol, port, source, observer, verdict and
 * policy trace. Cheap on purpose: it is built for every record, while ids are hashed once per key.
 */
export function variantKey({ flow, cluster, client, server }: Draft): string {
  const { outcome, basis, pending, layer, dropReason } = flow.verdict
  return `${cluster}\n${client.class}\n${client.namespace}\n${client.name}\n${server.class}\n${server.namespace}\n${server.name}\n${flow.protocol}\n${flow.serverPort}\n${flow.source}\n${flow.observer}\n${outcome}\n${basis}\n${pending}\n${layer}\n${dropReason ?? ''}\n${flow.repeatsSiblingCounts ? 1 : 0}\n${traceKey(flow.trace)}`
}

const traceKey = (trace: PolicyTrace): string => `${hitsKey(trace.enforced)}\n${hitsKey(trace.pending)}`

const hitsKey = (hits: readonly PolicyHit[] | undefined): string =>
  hits === undefined ? '-' : hits.length === 0 ? '' : JSON.stringify(hits.map(hitKey))

const hitKey = (hit: PolicyHit): unknown[] => [
  ...refKey(hit),
  hit.action,
  hit.ruleIndex ?? null,
  hit.trigger ? refKey(hit.trigger) : null,
]
const refKey = (ref: PolicyRef): string[] => [ref.kind, ref.namespace, ref.tier, ref.name]
