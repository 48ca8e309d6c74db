import type { EvidenceClass } from '@/lib/model/prepared-batch'
import { bucketStartMs } from '@/lib/model/time-range'
import type { Draft, Step } from '../draft'
import { variantKey } from '../variant-key'

/** Decides which records are kept as rows: those that a finding, a denial or an egress judgement can need later. */
export const putEvidenceClass: Step = (draft, { exemplars }) => {
  draft.variantKey = variantKey(draft)
  draft.keptAs = evidenceClass(draft)
  if (!draft.keptAs && exemplars.take(`${bucketStartMs(draft.flow.startMs, 15)}\n${draft.variantKey}`))
    draft.keptAs = 'exemplar'
  return undefined
}

const OUTSIDE = new Set(['external', 'internet', 'network-set'])

function evidenceClass({ flow, server }: Draft): EvidenceClass | undefined {
  const { outcome, pending } = flow.verdict
  if (outcome === 'denied' || outcome === 'dropped' || outcome === 'error') return outcome
  if (pending === 'would_deny') return 'audit'
  if (flow.source === 'calico') return 'calico'
  // Replies count nothing and prove nothing about the way out.
  return OUTSIDE.has(server.class) && !flow.isReply ? 'external' : undefined
}
