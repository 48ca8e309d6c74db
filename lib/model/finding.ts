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

/** What changes in the stored findings. Apply in order; each names one row. */
export type FindingChange =
  | { readonly kind: 'open'; readonly finding: Omit<Finding, 'id' | 'resolvedMs'> }
  | { readonly kind: 'update' | 'reopen'; readonly findingId: string; readonly set: FindingUpdate }
  | { readonly kind: 'resolve'; readonly findingId: string; readonly resolvedMs: UnixMillis }
  | { readonly kind: 'stale'; readonly findingId: string }

/** `reopen` also sets the status to open and forgets `resolvedMs`. */
export type FindingUpdate = Pick<Finding, 'severity' | 'title' | 'count' | 'firstSeenMs' | 'lastSeenMs'>
