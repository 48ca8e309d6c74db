import type { Judgement, ViolationCause } from '@/lib/model/egress'
import { HOUR_MS, type Millis, type UnixMillis } from '@/lib/model/units'
import { CLOCK_SKEW_MS } from './grade-observation'

/** How far behind a connection its pod's later ones are looked at: by then a gateway is in force, or something else is wrong. */
export const SETTLED_WITHIN_MS = HOUR_MS

/** What is known of the pod that opened a connection. */
export interface PodStart {
  /** Since when the pod can have had its address; absent where no lease, or more than one pod's, covers the connection. */
  readonly startedMs?: UnixMillis
  /** A connection of the same pod that began later, within SETTLED_WITHIN_MS, is proven to have left rightly. */
  readonly isSettledLater: boolean
}

/**
 * The cause of a proven violation, where it is the startup race of an egress gateway of Cilium (formats/hubble.md §3.3; nothing of
 * the kind is known of Calico's): begun within `windowMs` of its pod's start, while a policy covers the pod and destination, and followed by a connection of
 * that pod that provably left rightly. All three, or it is told as any other violation. The state is not touched: it did leave
 * by another door. `windowMs` 0 tells none apart.
 */
export function causeOf(
  judgement: Pick<Judgement, 'state' | 'observations'>,
  firstMs: UnixMillis,
  pod: PodStart,
  windowMs: Millis,
): ViolationCause | undefined {
  if (judgement.state !== 'violation' || windowMs <= 0 || pod.startedMs === undefined || !pod.isSettledLater)
    return undefined
  const ageMs = firstMs - pod.startedMs
  const isYoung = ageMs >= -CLOCK_SKEW_MS && ageMs <= windowMs
  const isCovered = judgement.observations.some(
    ({ kind, covers, gateway }) => kind === 'cegp-intent' && covers === true && gateway === 'cilium',
  )
  return isYoung && isCovered ? 'startup_race' : undefined
}
