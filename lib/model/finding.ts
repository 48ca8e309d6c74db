import type { UnixMillis } from './units'

export const DETECTOR_IDS = [
  'D0',
  'D0u',
  'D1',
  'D2',
  'D3',
  'D4',
  'D5',
  'D6',
  'D7',
  'D8',
  'D9',
  'D10',
  'D11',
  'D12',
  'D13',
  'D14',
  'D15',
  'D16',
  'D17',
  'D18',
] as const
/**
 * D0 proven violation · D0u unverified AI egress · D1 plaintext to an AI endpoint · D2 plaintext to a provider · D3 AI endpoint
 * exposed outside · D4 lateral movement · D5 first-seen provider · D6 denied egress to a provider · D7 shadow AI · D8 DNS
 * without flow · D9 flow without DNS · D10 large upload · D11 address refused by the provider · D12 allow-list gap · D13
 * default-allow namespace · D14 telemetry egress · D15 egress rule broken · D16 unapproved provider · D17 span claim and path
 * differ · D18 metadata service.
 */
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
