import type { DetectorId, Severity } from './finding'
import type { UnixMillis } from './units'

export const CHANNEL_KINDS = ['generic', 'slack', 'alertmanager'] as const
/** generic: JSON of ours, signed · slack: an incoming webhook · alertmanager: its API v2. */
export type ChannelKind = (typeof CHANNEL_KINDS)[number]

/** What a channel is told of. Empty lists mean all. */
export interface ChannelFilter {
  /** This bad or worse. */
  readonly minSeverity: Severity
  readonly detectors: readonly DetectorId[]
  readonly clusters: readonly string[]
  /** Findings that are possible, not facts, too. */
  readonly withPossible: boolean
  /** That it is over, too. Alertmanager is told always: its alerts end by that. */
  readonly sendResolved: boolean
}

/** What a person says of a channel. `url` and `secret` are taken and never given back. */
export interface ChannelInput extends ChannelFilter {
  readonly name: string
  readonly kind: ChannelKind
  /** http or https; undefined leaves the stored one. */
  readonly url?: string
  /** Key of the signature of a generic channel; '' = none; undefined leaves the stored one. */
  readonly secret?: string
  /** False = paused: what happens waits. */
  readonly isEnabled: boolean
}

/** A channel as people see it. */
export interface Channel extends ChannelFilter {
  readonly id: string
  readonly name: string
  readonly kind: ChannelKind
  /** Host, and the last four characters of a long address: enough to tell two apart. */
  readonly shownUrl: string
  readonly hasSecret: boolean
  /** Address and secret are stored encrypted. */
  readonly isSealed: boolean
  readonly isEnabled: boolean
  readonly createdMs: UnixMillis
  /** Events that wait to be sent. */
  readonly waiting: number
  /** Events that were dropped since too many waited, ever, and when the last was. */
  readonly dropped: number
  readonly droppedMs?: UnixMillis
  /** Alertmanager alone: the last repeat of what is open that went wrong, with why; gone with the next that goes well. */
  readonly repeatProblem?: string
}

/** What happened to a finding: opened, reopened, escalated, resolved, accepted, acceptance-expired, acceptance-ended; other kinds are not told. */
export interface FindingHappening {
  readonly kind: string
  readonly atMs: UnixMillis
  /** As it is after that. */
  readonly finding: Omit<NotifiedFinding, 'certainty' | 'isAccepted'> & {
    /** Default: a fact. */
    readonly certainty?: 'fact' | 'possible'
    /** There while somebody accepts the risk. */
    readonly accepted?: unknown
  }
}

/** A finding as far as a message tells it. Texts come from a cluster: hostile. */
export interface NotifiedFinding {
  readonly id: string
  readonly detector: string
  readonly severity: Severity
  readonly certainty: 'fact' | 'possible'
  readonly status: string
  /** A risk that somebody accepted is silent. */
  readonly isAccepted: boolean
  readonly dataset: string
  readonly cluster: string
  readonly workload: string
  readonly target: string
  readonly title: string
  readonly count: number
  readonly firstSeenMs: UnixMillis
  readonly lastSeenMs: UnixMillis
}

export const NOTICE_KINDS = ['opened', 'reopened', 'escalated', 'resolved', 'accepted'] as const
/** What is told. `accepted` only to Alertmanager, whose alert it ends. */
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** One line of a message. */
export interface Notice {
  readonly kind: NoticeKind
  readonly atMs: UnixMillis
  /** The same for every repeat of this notice on this channel: finding, occurrence, kind, severity. */
  readonly key: string
  /** What got worse was told as this bad before. */
  readonly before?: Severity
  readonly finding: NotifiedFinding
}

export type DeliveryState = 'waiting' | 'sent' | 'failed'

/** One message, as the log of a channel shows it. */
export interface Delivery {
  readonly id: string
  readonly isTest: boolean
  readonly state: DeliveryState
  /** `opened: agents/planner …`, one line per notice, bounded. */
  readonly what: readonly string[]
  readonly createdMs: UnixMillis
  readonly doneMs?: UnixMillis
  /** When it is tried again. */
  readonly nextMs?: UnixMillis
  readonly attempts: number
  readonly lastStatus?: number
  /** How long the last attempt took. */
  readonly lastMs?: number
  /** What was answered, or why nothing was: cleaned and bounded. */
  readonly lastAnswer?: string
}

/** What came of one request. */
export interface WebhookOutcome {
  /** Undefined where there was no answer. */
  readonly status?: number
  readonly tookMs: number
  /** The beginning of the answer, or why there was none. */
  readonly answer: string
  /** As the receiver asked for it: seconds, or a date. */
  readonly retryAfter?: string
  /** True where asking again would be refused again: the address is not one that Postern sends to. */
  readonly isRefused: boolean
}
