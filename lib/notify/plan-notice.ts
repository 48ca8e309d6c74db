import { SEVERITIES, type Severity } from '@/lib/model/finding'
import type { ChannelFilter, ChannelKind, NoticeKind, NotifiedFinding } from '@/lib/model/notification'
import { MINUTE_MS, type UnixMillis } from '@/lib/model/units'

/** One finding is told as open at most once in this time: what flaps is told once, and again if it is still open then. */
export const FLAP_MS = 30 * MINUTE_MS

/** What a channel was told of a finding, or is about to be. */
export interface ToldState {
  readonly isFiring: boolean
  /** The worst that was told of this occurrence. */
  readonly severity: Severity
  /** Occurrences so far. */
  readonly episode: number
  /** From when on the last one is told as open. */
  readonly openedMs: UnixMillis
  /** The notice that it is open waits for `FLAP_MS` to pass, and nobody has begun to send it. */
  readonly isHeld: boolean
}

export interface NoticePlan {
  readonly state: ToldState
  /** To be written, and not sent before `dueMs`. */
  readonly notice?: {
    readonly kind: NoticeKind
    readonly key: string
    readonly dueMs: UnixMillis
    readonly before?: Severity
  }
  /** The held notice goes, as if it had never been: what it tells of is over. */
  readonly dropHeld?: true
  /** The held notice tells of the finding as it is now. */
  readonly renewHeld?: true
}

interface Input {
  readonly kind: ChannelKind
  readonly filter: ChannelFilter
  readonly finding: NotifiedFinding
  /** What happened (FindingHappening). */
  readonly event: string
  readonly told: ToldState | undefined
  readonly nowMs: UnixMillis
}

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity)
const isWorse = (one: Severity, than: Severity): boolean => rank(one) < rank(than)

/**
 * What a channel is to be told of something that happened to a finding; undefined for nothing. Decided from what it was told
 * before, so the same event a second time, from whatever replica, plans nothing.
 */
export function planNotice(input: Input): NoticePlan | undefined {
  switch (input.event) {
    case 'opened':
    case 'reopened':
    case 'acceptance-ended':
    case 'acceptance-expired':
      return begin(input)
    case 'escalated':
      return input.told?.isFiring ? escalate(input, input.told) : begin(input)
    case 'resolved':
      return end(input, 'resolved')
    case 'accepted':
      return end(input, 'accepted')
    default:
      return undefined
  }
}

function begin({ filter, finding, event, told, nowMs }: Input): NoticePlan | undefined {
  if (told?.isFiring || !isWanted(filter, finding)) return undefined
  if (finding.status !== 'open' || (finding.isAccepted && !event.startsWith('acceptance-'))) return undefined
  const dueMs = Math.max(nowMs, told ? told.openedMs + FLAP_MS : nowMs)
  const episode = (told?.episode ?? 0) + 1
  return {
    state: { isFiring: true, severity: finding.severity, episode, openedMs: dueMs, isHeld: dueMs > nowMs },
    notice: { kind: episode === 1 ? 'opened' : 'reopened', key: `${finding.id}:${episode}:open`, dueMs },
  }
}

/** Each severity is told once per occurrence, and only on the way up. */
function escalate({ finding, nowMs }: Input, told: ToldState): NoticePlan | undefined {
  if (finding.isAccepted || !isWorse(finding.severity, told.severity)) return undefined
  const state = { ...told, severity: finding.severity }
  if (told.isHeld) return { state, renewHeld: true }
  const key = `${finding.id}:${told.episode}:${finding.severity}`
  return { state, notice: { kind: 'escalated', key, dueMs: nowMs, before: told.severity } }
}

/** Only what was told as open is told as over. */
function end({ kind, filter, finding, told, nowMs }: Input, word: 'resolved' | 'accepted'): NoticePlan | undefined {
  if (!told?.isFiring) return undefined
  const state = { ...told, isFiring: false, isHeld: false }
  // The last one that was told began this much before the one that was not.
  if (told.isHeld) return { state: { ...state, openedMs: told.openedMs - FLAP_MS }, dropHeld: true }
  const isTold = kind === 'alertmanager' || (word === 'resolved' && filter.sendResolved)
  return isTold
    ? { state, notice: { kind: word, key: `${finding.id}:${told.episode}:${word}`, dueMs: nowMs } }
    : { state }
}

/** Imported records are of the past: nobody is called for them. */
function isWanted(filter: ChannelFilter, finding: NotifiedFinding): boolean {
  return (
    finding.dataset === '' &&
    !isWorse(filter.minSeverity, finding.severity) &&
    (filter.withPossible || finding.certainty === 'fact') &&
    (filter.detectors.length === 0 || filter.detectors.some((detector) => detector === finding.detector)) &&
    (filter.clusters.length === 0 || filter.clusters.includes(finding.cluster))
  )
}
