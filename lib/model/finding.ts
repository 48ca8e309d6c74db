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

/** `fact`: proven. `possible`: it may be otherwise, and `disproof` says how that would show. */
export type Certainty = 'fact' | 'possible'

/** A risk that a person took: counted and listed, not alarming. */
export interface Acceptance {
  readonly by: string
  readonly atMs: UnixMillis
  readonly reason: string
  /** Absent = until a person ends it. */
  readonly untilMs?: UnixMillis
}

/** One problem of one workload and one target, as one detector sees it. */
export interface Finding {
  readonly id: string
  readonly detector: DetectorId
  readonly status: FindingStatus
  readonly severity: Severity
  readonly certainty: Certainty
  readonly dataset: string
  readonly cluster: string
  /** Workload and target, as shown; with detector, dataset and cluster they are its key. */
  readonly workload: string
  readonly target: string
  /** One sentence: subject, verdict, reason. */
  readonly title: string
  /** What was seen, a sentence each, at most 8. */
  readonly facts: readonly string[]
  /** What would show that it is otherwise; '' where the detector says nothing. */
  readonly disproof: string
  /** Findings of equal cause belong to one incident. */
  readonly cause: string
  /** The edges that show it, the most telling first, at most 8. */
  readonly edgeIds: readonly string[]
  readonly count: number
  readonly firstSeenMs: UnixMillis
  readonly lastSeenMs: UnixMillis
  readonly openedMs: UnixMillis
  readonly resolvedMs?: UnixMillis
  /** A person saw it. Ends when it comes back. */
  readonly acknowledged?: { readonly by: string; readonly atMs: UnixMillis }
  readonly assignee?: string
  /** Absent where nobody accepted it, or that is over. */
  readonly accepted?: Acceptance
  /** The incident that it belongs to. */
  readonly caseId?: string
}

/** How a count is kept so that looking again adds nothing (lib/findings/tally.ts). */
export interface FindingTally {
  /** Of totals: what the findings before this one counted of the same problem. */
  readonly before: number
  /** Of slots: what those that are no longer kept one by one add up to. */
  readonly base: number
  /** Slots that begin before are in `base`. */
  readonly foldedMs: UnixMillis
  readonly slots: readonly { readonly startMs: UnixMillis; readonly count: number }[]
}

/** A finding as planning needs it. */
export interface TrackedFinding extends Finding {
  readonly tally: FindingTally
}

/** What changes in the stored findings. Apply in order; each names one row. */
export type FindingChange =
  | {
      readonly kind: 'open'
      readonly finding: Omit<TrackedFinding, 'id' | 'resolvedMs' | 'acknowledged' | 'caseId'>
      /** The finding of the same key that ended too long ago to be opened again. */
      readonly replaces?: string
    }
  | { readonly kind: 'update' | 'reopen'; readonly findingId: string; readonly set: FindingUpdate }
  | {
      readonly kind: 'resolve'
      readonly findingId: string
      readonly resolvedMs: UnixMillis
      readonly because: 'quiet' | 'disproved'
    }
  | { readonly kind: 'stale' | 'expire-acceptance'; readonly findingId: string }

/** `reopen` also sets the status to open, and forgets when it was resolved and who had seen it. */
export type FindingUpdate = Pick<
  TrackedFinding,
  | 'severity'
  | 'certainty'
  | 'title'
  | 'facts'
  | 'disproof'
  | 'cause'
  | 'edgeIds'
  | 'count'
  | 'firstSeenMs'
  | 'lastSeenMs'
  | 'tally'
>

export const FINDING_EVENT_KINDS = [
  'opened',
  'reopened',
  'escalated',
  'resolved',
  'stale',
  'acknowledged',
  'unacknowledged',
  'assigned',
  'accepted',
  'acceptance-ended',
  'acceptance-expired',
  'commented',
] as const
/** `escalated`: its severity rose. `acceptance-ended`: by a person; `acceptance-expired`: by the clock. */
export type FindingEventKind = (typeof FINDING_EVENT_KINDS)[number]

/** One thing that happened to a finding; appended in the transaction in which it happened, never changed. */
export interface FindingEvent {
  readonly kind: FindingEventKind
  readonly atMs: UnixMillis
  /** As in the audit log; `postern` for what it does by itself. */
  readonly actor: string
  /** The finding after it. While `accepted` is there, nobody is to be alarmed. */
  readonly finding: Finding
  /** What the kind tells beside: `text`, `reason`, `untilMs`, `assignee`, `from` (severity), `because`. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** An event as stored. */
export interface FindingEventRow {
  readonly id: string
  readonly findingId: string
  readonly kind: FindingEventKind
  readonly atMs: UnixMillis
  readonly actor: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Ranks severities: the worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const satisfies readonly Severity[]

/** Whether a detector works in a cluster, as its last pass found it. */
export interface DetectorState {
  readonly dataset: string
  readonly cluster: string
  readonly detector: DetectorId
  readonly name: string
  readonly state: 'on' | 'off' | 'learning' | 'failed'
  /** For `off`: what no source tells, in words, one entry per thing that is missing. */
  readonly missing: readonly string[]
  /** For `learning`: until when, where known. */
  readonly untilMs?: UnixMillis
  readonly checkedMs: UnixMillis
}
