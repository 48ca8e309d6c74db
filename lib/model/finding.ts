import type { UnixMillis } from './units'

export const DETECTOR_IDS = ['D0', 'D0u'] as const
/** D0: a call to a provider provably left by another address. D0u: AI egress whose door nobody can prove. */
export type DetectorId = (typeof DETECTOR_IDS)[number]
/** `stale`: evidence lost — quiet, but its sources are silent too, so quiet proves nothing. */
export type FindingStatus = 'open' | 'resolved' | 'stale'
/** Severity is not status: how bad, not whether it goes on. */
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info'

export interface Finding {
  readonly id: string
  readonly detector: DetectorId
  readonly status: FindingStatus
  readonly severity: Severity
  readonly dataset: string
  readonly cluster: string
  readonly edgeId: string
  /** One sentence: subject, verdict, reason. */
  readonly title: string
  /** Workload and provider, as shown. */
  readonly workload: string
  readonly target: string
  readonly count: number
  readonly firstSeenMs: UnixMillis
  readonly lastSeenMs: UnixMillis
  readonly resolvedMs?: UnixMillis
}
