import type { UnixMillis } from '@/lib/model/units'
import { CLOCK_SKEW_MS } from './grade-observation'

/** A pod's hold on an address, as the Kubernetes inventory saw it. */
export interface AddressLease {
  readonly namespace: string
  readonly pod: string
  readonly uid: string
  readonly workload: string
  readonly workloadKind: string | null
  readonly hostNetwork: boolean
  readonly fromMs: UnixMillis
  /** null = still held. */
  readonly toMs: UnixMillis | null
}

export type AddressOwner = AddressLease | 'nobody' | 'disputed'

/**
 * Whose an address was throughout `[fromMs, toMs]`, give or take the skew of clocks: the one pod that claims it, `nobody`, or
 * `disputed` where several pods do, or one of the host's network, whose address is the node's. `leases` are those of the
 * address, in any order.
 */
export function ownerOfAddress(leases: readonly AddressLease[], fromMs: UnixMillis, toMs = fromMs): AddressOwner {
  const claims = leases.filter(
    (lease) => lease.fromMs - CLOCK_SKEW_MS <= toMs && (lease.toMs === null || lease.toMs + CLOCK_SKEW_MS >= fromMs),
  )
  const [claim] = claims
  if (!claim) return 'nobody'
  return claims.every(({ uid, hostNetwork }) => uid === claim.uid && !hostNetwork) ? claim : 'disputed'
}
