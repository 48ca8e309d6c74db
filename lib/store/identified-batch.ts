import 'server-only'
import type { BucketSum, EvidenceFlow, PreparedFlows } from '@/lib/model/prepared-batch'
import { recordUuid } from './content-id'
import { type FlowIds, variantIds } from './flow-ids'

export interface EvidenceRow {
  readonly evidence: EvidenceFlow
  readonly ids: FlowIds
  readonly recordId: string
}

/** A prepared batch with ids. Made once, before any transaction, so that a retry costs no hashing. */
export interface IdentifiedBatch {
  readonly dataset: string
  readonly flows: PreparedFlows
  readonly evidence: readonly EvidenceRow[]
  readonly sums: readonly { readonly sum: BucketSum; readonly ids: FlowIds }[]
  /** One per variant of the batch. */
  readonly variants: readonly FlowIds[]
}

/** Ids for all that a batch refers to; equal variants share theirs. */
export function identifyBatch(flows: PreparedFlows, dataset: string): IdentifiedBatch {
  const byKey = new Map<string, FlowIds>()
  const idsOf = ({ variantKey, flow }: Pick<BucketSum, 'variantKey' | 'flow'>): FlowIds => {
    const known = byKey.get(variantKey)
    if (known) return known
    const ids = variantIds(variantKey, flow, dataset)
    byKey.set(variantKey, ids)
    return ids
  }
  const evidence = flows.evidence.map((item) => ({
    evidence: item,
    ids: idsOf(item),
    recordId: recordUuid(item.flow.recordKey, item.flow.source, item.flow.cluster),
  }))
  const sums = flows.sums.map((sum) => ({ sum, ids: idsOf(sum) }))
  return { dataset, flows, evidence, sums, variants: [...byKey.values()] }
}
