import type { Peer } from '@/lib/model/endpoint'
import type { Flow } from '@/lib/model/flow'
import type { PolicyHit, PolicyRef, PolicyTrace } from '@/lib/model/policy'
import type { BucketSum, ClusteredFlow } from '@/lib/model/prepared-batch'

export type MutableSum = { -readonly [Key in keyof BucketSum]: BucketSum[Key] }

/** An edge variant: its key, and what is summed of it in one batch. Changed in place by those who add to it. */
export interface Variant {
  readonly key: string
  /** The batch that the sums are of. */
  batch: number
  /** One of its flows, once it is asked for. */
  sample: ClusteredFlow | undefined
  /** The bucket that was added to last. */
  lastSum: MutableSum | undefined
  /** All of its buckets where there are more, by start and grain. */
  moreSums: Map<number, MutableSum> | undefined
  /** Start of the 15 s that need no more exemplars; NaN for none. */
  isFullAtMs: number
}

export const newVariant = (key: string, batch: number): Variant => ({
  key,
  batch,
  sample: undefined,
  lastSum: undefined,
  moreSums: undefined,
  isFullAtMs: Number.NaN,
})

/** The variant without sums of another batch. */
export function resetVariant(variant: Variant, batch: number): Variant {
  if (variant.batch === batch) return variant
  variant.batch = batch
  forgetSums(variant)
  return variant
}

export function forgetSums(variant: Variant): void {
  variant.sample = undefined
  variant.lastSum = undefined
  variant.moreSums = undefined
  variant.isFullAtMs = Number.NaN
}

/**
 * Text that is equal for flows of one edge variant: cluster, both identities, protocol, port, source, observer, verdict and
 * policy trace. Built once per variant.
 */
export function variantKey(flow: Flow, cluster: string, client: Peer, server: Peer): string {
  const { outcome, basis, pending, layer, dropReason } = flow.verdict
  return `${cluster}\n${client.class}\n${client.namespace}\n${client.name}\n${server.class}\n${server.namespace}\n${server.name}\n${oneLine(flow.protocol)}\n${flow.serverPort}\n${flow.source}\n${flow.observer}\n${outcome}\n${basis}\n${pending}\n${layer}\n${oneLine(dropReason ?? '')}\n${flow.repeatsSiblingCounts ? 1 : 0}\n${traceKey(flow.trace)}`
}

/** The source's own words may hold line feeds, which keep the parts of a key apart; identities are cleaned of them. */
const oneLine = (text: string): string => (text.includes('\n') ? JSON.stringify(text) : text)

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
