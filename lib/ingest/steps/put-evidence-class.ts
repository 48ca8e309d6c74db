import type { EvidenceClass } from '@/lib/model/prepared-batch'
import { bucketStartMs } from '@/lib/model/time-range'
import type { Draft, Step } from '../draft'

/** Decides which records are kept as rows: those that a finding, a denial or an egress judgement can need later. */
export const putEvidenceClass: Step = (draft, { exemplars }) => {
  draft.variant = draft.scope.variantOf(draft.flow, draft.client, draft.server)
  draft.keptAs = evidenceClass(draft)
  if (draft.keptAs) return undefined
  const { variant } = draft
  const bucketMs = bucketStartMs(draft.flow.startMs, 15)
  if (variant.isFullAtMs === bucketMs) return undefined
  if (exemplars.take(variant.key, bucketMs)) draft.keptAs = 'exemplar'
  else variant.isFullAtMs = bucketMs
  return undefined
}

const OUTSIDE = new Set(['external', 'internet', 'network-set'])

function evidenceClass({ flow, server }: Draft): EvidenceClass | undefined {
  const { outcome, pending } = flow.verdict
  if (outcome === 'denied' || outcome === 'dropped' || outcome === 'error') return outcome
  if (pending === 'would_deny') return 'audit'
  if (flow.source === 'calico') return 'calico'
  // Replies count nothing and prove nothing about the way out.
  return !flow.isReply && OUTSIDE.has(server.peer.class) ? 'external' : undefined
}
