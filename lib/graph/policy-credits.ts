import type { EdgeVariant } from '@/lib/model/graph'
import { decidingHit, isStaged, type PolicyAction, type PolicyHit, type PolicyRef, refOf } from '@/lib/model/policy'
import type { PolicyCounts } from '@/lib/model/policy-report'

/** What one way of reporting says that one policy did; `seen`: it was named, and decided nothing that can be counted. */
export interface PolicyCredit {
  readonly ref: PolicyRef
  readonly did: keyof PolicyCounts | 'seen'
  readonly action: PolicyAction
  readonly ruleIndex?: number
  /** Said of what would be, were staged policies enforced. */
  readonly isPending: boolean
}

/**
 * Who did what, by one way of reporting. Calico's evaluations are steps: the last decided, those before it passed. Of Cilium every
 * policy that is named allowed or refused the connection by itself. What the end of a tier refuses counts for the tier, and for the
 * policy whose selection brought the tier into play. A hit that contradicts the traffic's outcome decided nothing
 * (formats/calico.md §4.3).
 */
export function creditsOf(variant: EdgeVariant): PolicyCredit[] {
  return [...enforcedCredits(variant), ...pendingCredits(variant)]
}

function enforcedCredits(variant: EdgeVariant): PolicyCredit[] {
  const { enforced = [], source } = variant
  if (source === 'hubble') return enforced.map((hit) => credit(hit, refOf(hit), ciliumDid(variant, hit), false))
  return enforced.flatMap((hit, at) => {
    const did = isStaged(hit) ? 'seen' : at < enforced.length - 1 ? passedOrSeen(hit) : calicoDid(variant, hit)
    return withTrigger(hit, did, false)
  })
}

function ciliumDid({ outcome, basis, pending }: EdgeVariant, { action }: PolicyHit): PolicyCredit['did'] {
  if (action === 'allow') return outcome === 'allowed' ? 'allowed' : 'seen'
  if (action !== 'deny') return 'seen'
  if (outcome === 'denied') return basis === 'rule' ? 'denied' : 'deniedByDefault'
  // Audit mode: refused by its word, let through all the same.
  return pending === 'would_deny' ? 'wouldDeny' : 'seen'
}

function calicoDid({ outcome }: EdgeVariant, hit: PolicyHit): PolicyCredit['did'] {
  if (hit.action === 'allow' && outcome === 'allowed') return 'allowed'
  if (hit.action !== 'deny' || outcome !== 'denied') return 'seen'
  return hit.kind === 'EndOfTier' ? 'deniedByDefault' : 'denied'
}

const passedOrSeen = ({ action }: PolicyHit): PolicyCredit['did'] => (action === 'pass' ? 'passed' : 'seen')

function pendingCredits({ pendingTrace, pending, outcome }: EdgeVariant): PolicyCredit[] {
  const last = decidingHit(pendingTrace)
  if (!pendingTrace || !last) return []
  const before = pendingTrace.slice(0, -1).filter(isStaged)
  const cause = last.trigger ?? last
  const would =
    pending === 'would_deny' && outcome !== 'denied'
      ? 'wouldDeny'
      : pending === 'would_allow' && outcome === 'denied'
        ? 'wouldAllow'
        : pending === 'same'
          ? 'wouldAgree'
          : 'seen'
  // What is enforced and stays as it is was said already.
  const isNews = would === 'wouldDeny' || would === 'wouldAllow' || isStaged(cause)
  return [
    ...before.map((hit) => credit(hit, refOf(hit), 'seen', true)),
    ...(isNews ? withTrigger(last, would, true) : []),
  ]
}

/** A hit, and the policy that brought its tier into play, where the hit is the tier's end. */
function withTrigger(hit: PolicyHit, did: PolicyCredit['did'], isPending: boolean): PolicyCredit[] {
  const own = credit(hit, refOf(hit), did, isPending)
  if (!hit.trigger) return [own]
  const { ruleIndex: _none, ...ofTier } = credit(hit, hit.trigger, did, isPending)
  // A tier of which nothing is enforced yet is not there: what would refuse is the staged policy alone.
  return isStaged(hit.trigger) ? [ofTier] : [own, ofTier]
}

const credit = (hit: PolicyHit, ref: PolicyRef, did: PolicyCredit['did'], isPending: boolean): PolicyCredit => ({
  ref,
  did,
  action: hit.action,
  isPending,
  ...(hit.ruleIndex !== undefined && { ruleIndex: hit.ruleIndex }),
})
