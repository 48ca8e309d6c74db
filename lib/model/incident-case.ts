import type { Finding, FindingEventRow, Severity } from './finding'
import type { PolicyKind } from './policy'
import type { UnixMillis } from './units'

/** Findings of one cause, with an owner. */
export interface IncidentCase {
  readonly id: string
  readonly dataset: string
  readonly cluster: string
  /** That of its findings; '' where a person opened it over several causes, or it was merged into another. */
  readonly cause: string
  readonly title: string
  /** Who, what, since when, how often, by which evidence: one sentence. */
  readonly summary: string
  readonly owner?: string
  readonly status: 'open' | 'resolved'
  readonly openedBy: string
  readonly openedMs: UnixMillis
  readonly resolvedMs?: UnixMillis
  /** Why a person resolved it; absent where its findings did. */
  readonly resolvedReason?: string
}

/** An incident in a list. */
export interface CaseSummary extends IncidentCase {
  readonly findings: number
  /** Of them, those that are neither resolved nor accepted. */
  readonly unsettled: number
  /** The worst of its findings. */
  readonly severity?: Severity
  readonly lastSeenMs?: UnixMillis
}

/** `joined`, `left`: findings came or went; `merged`: all of another came. */
export const CASE_EVENT_KINDS = [
  'opened',
  'reopened',
  'resolved',
  'joined',
  'left',
  'merged',
  'owned',
  'commented',
] as const
export type CaseEventKind = (typeof CASE_EVENT_KINDS)[number]

/** One thing that happened to an incident; appended in the transaction in which it happened. */
export interface CaseEvent {
  readonly dataset: string
  readonly caseId: string
  readonly kind: CaseEventKind
  readonly atMs: UnixMillis
  /** As in the audit log; `postern` for what it does by itself. */
  readonly actor: string
  /** `owner`, `reason`, `text`, `findings` (how many), `from` (another incident's id). */
  readonly detail: Readonly<Record<string, unknown>>
}

/** What changes in incidents by itself. Apply in order. */
export type CaseChange =
  | {
      readonly kind: 'open'
      readonly dataset: string
      readonly cluster: string
      readonly cause: string
      readonly title: string
      readonly summary: string
      readonly findingIds: readonly string[]
    }
  | { readonly kind: 'join'; readonly caseId: string; readonly findingIds: readonly string[] }
  | { readonly kind: 'reopen' | 'resolve'; readonly caseId: string }
  | { readonly kind: 'describe'; readonly caseId: string; readonly title: string; readonly summary: string }

/** What planning of incidents looks at. */
export interface CasePlanInput {
  /** Open incidents, and those that were resolved within the reopen window. */
  readonly cases: readonly IncidentCase[]
  /** Findings of these incidents, and open ones that belong to none, may join one, and are not accepted. */
  readonly findings: readonly CaseFinding[]
  /** Findings that have just begun, come back or grown worse, or of which the acceptance is over. */
  readonly news: ReadonlySet<string>
  readonly nowMs: UnixMillis
}

export interface CaseFinding extends Finding {
  /** True where a person chose its incident, or that it has none. */
  readonly isCaseChosen: boolean
}

/** One line of an incident's timeline. */
export type TimelineEntry = { readonly atMs: UnixMillis } & (
  | { readonly kind: 'first-flow'; readonly finding: string }
  /** `about`: workload and target. */
  | { readonly kind: 'finding'; readonly event: FindingEventRow; readonly title: string; readonly about: string }
  | { readonly kind: 'case'; readonly event: CaseEvent }
  | {
      readonly kind: 'policy'
      readonly change: 'added' | 'changed' | 'removed'
      readonly policyKind: PolicyKind
      readonly namespace: string
      readonly name: string
    }
  | { readonly kind: 'rule'; readonly actor: string; readonly action: string; readonly subject: string }
  | { readonly kind: 'frozen'; readonly incidentId: string; readonly title: string }
)

/** Everything that the page of an incident shows. */
export interface CaseDetail {
  readonly incident: IncidentCase
  /** What a person would do next, in a sentence. */
  readonly nextStep: string
  /** The worst first, at most 200. */
  readonly findings: readonly Finding[]
  readonly findingsTotal: number
  /** Oldest first, at most 500: the newest of them. */
  readonly timeline: readonly TimelineEntry[]
}

/** Everything that the page of a finding shows. */
export interface FindingDetail {
  readonly finding: Finding
  readonly incident?: Pick<IncidentCase, 'id' | 'title' | 'status'>
  /** Newest first, at most 200. */
  readonly events: readonly FindingEventRow[]
}
