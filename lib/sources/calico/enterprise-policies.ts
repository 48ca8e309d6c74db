import { decidingHit, isStaged, type PolicyHit, type PolicyTrace } from '@/lib/model/policy'
import { hitsOf } from './trace'
import { record, type Wire } from './wire'

export interface EnterpriseTrace {
  readonly trace: PolicyTrace
  /** What host endpoints on the way applied to forwarded traffic. */
  readonly transit: readonly PolicyHit[]
  readonly note?: string
}

const isOfStaged = (hit: PolicyHit): boolean => isStaged(hit.trigger ?? hit)
const ACTION: ReadonlyMap<string, string> = new Map([
  ['Allow', 'allow'],
  ['Deny', 'deny'],
])

/**
 * The evaluations of an Enterprise flow log: `enforced_policies` and `pending_policies`; of a host that only forwards its
 * `transit_policies`, and of a record that was decided on the way as well. Older versions write `all_policies` alone, enforced and
 * staged mixed: without the staged ones these are the enforced; what staged ones would have done cannot be told from it.
 * formats/calico.md §3.1, §3.2
 */
export function enterpriseTrace(wire: Wire, action: string, reporters: ReadonlySet<string>): EnterpriseTrace {
  const policies = record(wire, 'policies') ?? {}
  const transit = hitsOf(policies, 'transit_policies')
  const pending = hitsOf(policies, 'pending_policies')
  const ofEndpoint = endpointHits(policies)
  const isForwarder = !reporters.has('src') && !reporters.has('dst')
  const wanted = ACTION.get(action)
  const isDecidedOnTheWay =
    decidingHit(transit)?.action === wanted && decidingHit(ofEndpoint.hits)?.action !== wanted && wanted !== undefined
  const usesTransit = transit.length > 0 && (isForwarder || isDecidedOnTheWay)
  const enforced = usesTransit ? transit : ofEndpoint.hits
  const note = usesTransit ? 'decided by a host endpoint that forwards the traffic' : ofEndpoint.note
  return {
    trace: { ...(enforced.length > 0 && { enforced }), ...(pending.length > 0 && { pending }) },
    transit,
    ...(note && { note }),
  }
}

function endpointHits(policies: Wire): { readonly hits: readonly PolicyHit[]; readonly note?: string } {
  const enforced = hitsOf(policies, 'enforced_policies')
  if (enforced.length > 0) return { hits: enforced }
  const all = hitsOf(policies, 'all_policies')
  const hits = all.filter((hit) => !isOfStaged(hit))
  return hits.length < all.length ? { hits, note: 'staged policies were told among the enforced ones' } : { hits }
}
