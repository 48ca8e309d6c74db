import { decidingHit, isStaged, type PolicyTrace } from '@/lib/model/policy'
import type { Basis, Outcome, Pending, Verdict } from '@/lib/model/verdict'

export interface Judged {
  readonly verdict: Verdict
  /** What is odd about the record, in words for the evidence view. */
  readonly note?: string
}

const ACTION_OF_OUTCOME = { allowed: 'allow', denied: 'deny' } as const

/**
 * Verdict of a flow: its action, explained by the last enforced hit. formats/calico.md §4.3
 *
 * Two kinds of records contradict themselves. A staged policy as the enforced decision is a fault of Felix up to 3.32.1
 * (calico#13410): it enforces nothing, so its action is not the traffic's, and the outcome stays unknown (a tier's default
 * that a staged policy triggered is a real decision). A deciding hit of another action than the flow's leaves the outcome
 * as stated and explains nothing.
 */
export function judge(action: string, trace: PolicyTrace): Judged {
  const stated: Outcome = action === 'Allow' ? 'allowed' : action === 'Deny' ? 'denied' : 'unknown'
  const deciding = decidingHit(trace.enforced)
  const base = { pending: pendingOf(stated, trace), layer: 'L4' } as const
  if (stated === 'unknown') return { verdict: { outcome: stated, basis: 'not_reported', ...base } }
  if (deciding && isStaged(deciding))
    return {
      verdict: { outcome: 'unknown', basis: 'not_reported', ...base, pending: 'unknown' },
      note: 'a staged policy stands as the enforced decision (calico#13410): the real verdict is not known',
    }
  if (deciding && deciding.action !== ACTION_OF_OUTCOME[stated])
    return {
      verdict: { outcome: stated, basis: 'not_reported', ...base },
      note: `the last enforced hit says ${deciding.action}, the flow ${ACTION_OF_OUTCOME[stated]}`,
    }
  return { verdict: { outcome: stated, basis: basisOf(deciding?.kind), ...base } }
}

function basisOf(kind: string | undefined): Basis {
  switch (kind) {
    case undefined:
      return 'not_reported'
    case 'EndOfTier':
      return 'default'
    case 'Profile':
      return 'no_policy'
    default:
      return 'rule'
  }
}

/** What staged policies would have done; without a decision of theirs that is not known. */
function pendingOf(stated: Outcome, trace: PolicyTrace): Pending {
  const would = decidingHit(trace.pending)?.action
  if (stated === 'unknown' || (would !== 'allow' && would !== 'deny')) return 'unknown'
  if (would === (stated === 'allowed' ? 'allow' : 'deny')) return 'same'
  return would === 'deny' ? 'would_deny' : 'would_allow'
}
