import type { DetectorState, Finding, FindingEventRow } from '@/lib/model/finding'
import type { TimelineEntry } from '@/lib/model/incident-case'
import { formatCount, formatMoment } from './format'

/** Status of a finding: a word, and what it means. */
export const FINDING_STATUS: Readonly<Record<Finding['status'], { readonly word: string; readonly meaning: string }>> =
  {
    open: { word: 'Open', meaning: 'It goes on.' },
    resolved: {
      word: 'Resolved',
      meaning: 'Later evidence answered it, or it was quiet while every source that would have seen it was alive.',
    },
    stale: {
      word: 'Stale: evidence lost',
      meaning: 'Quiet, but a source that would have seen it is silent too, so quiet proves nothing.',
    },
  }

/** How sure a finding is, in a word. */
export const CERTAINTY_WORD: Readonly<Record<Finding['certainty'], string>> = { fact: 'Proven', possible: 'Possible' }

/** How often and when, one sentence. */
export function seenSentence(finding: Finding): string {
  const { count, firstSeenMs, lastSeenMs, resolvedMs } = finding
  const ended = resolvedMs === undefined ? '' : `, resolved ${formatMoment(resolvedMs)}`
  return `Seen ${formatCount(count)} ${count === 1 ? 'time' : 'times'}, first ${formatMoment(firstSeenMs)}, last ${formatMoment(lastSeenMs)}${ended}.`
}

/** Who did something: without sign-in nobody has a name. */
export const actorWords = (actor: string): string => (actor === 'local' ? 'somebody on this machine' : actor)

/** The same at the beginning of a sentence; names stay as they are. */
const who = (actor: string): string => (actor === 'local' ? 'Somebody on this machine' : actor)

/** An accepted risk, one sentence. */
export function acceptedSentence({ by, reason, untilMs }: NonNullable<Finding['accepted']>): string {
  const until = untilMs === undefined ? 'until somebody ends it' : `until ${formatMoment(untilMs)}`
  return `${who(by)} accepted the risk ${until}: ${reason}`
}

const told = (detail: Readonly<Record<string, unknown>>, name: string): string => {
  const value = detail[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** What happened to a finding, one sentence. */
export function findingEventSentence({ kind, actor, detail }: FindingEventRow): string {
  switch (kind) {
    case 'opened':
      return detail.after === undefined
        ? 'The finding opened.'
        : 'It came back after more than a day, as a finding of its own.'
    case 'reopened':
      return 'It came back: the finding is open again.'
    case 'escalated':
      return `Severity rose from ${told(detail, 'from')} to ${told(detail, 'to')}.`
    case 'resolved':
      return told(detail, 'because') === 'disproved'
        ? 'Resolved: later evidence shows that it is otherwise.'
        : 'Resolved: quiet for 15 minutes while its sources were alive.'
    case 'stale':
      return 'Stale: quiet, and a source that would have told is silent.'
    case 'acknowledged':
      return `${who(actor)} acknowledged it.`
    case 'unacknowledged':
      return `${who(actor)} took the acknowledgement back.`
    case 'assigned':
      return told(detail, 'assignee') === ''
        ? `${who(actor)} assigned it to nobody.`
        : `${who(actor)} assigned it to ${told(detail, 'assignee')}.`
    case 'accepted': {
      const until =
        typeof detail.untilMs === 'number' ? `until ${formatMoment(detail.untilMs)}` : 'until somebody ends it'
      return `${who(actor)} accepted the risk ${until}: ${told(detail, 'reason')}`
    }
    case 'acceptance-ended':
      return `${who(actor)} ended the acceptance of the risk.`
    case 'acceptance-expired':
      return 'The acceptance of the risk is over: it counts again.'
    case 'commented':
      return `${who(actor)}: ${told(detail, 'text')}`
  }
}

const CASE_WORDS: Readonly<Record<'opened' | 'reopened', string>> = {
  opened: 'opened the incident',
  reopened: 'opened the incident again',
}

/** One line of an incident's timeline. */
export function timelineSentence(entry: TimelineEntry): string {
  switch (entry.kind) {
    case 'first-flow':
      return `First seen on the wire: ${entry.finding}.`
    case 'finding':
      return entry.event.kind === 'opened'
        ? `Finding: ${entry.title}`
        : `${findingEventSentence(entry.event)} (${entry.about})`
    case 'policy': {
      const where = entry.namespace === '' ? '' : `${entry.namespace}/`
      return `${entry.policyKind} ${where}${entry.name} was ${entry.change}.`
    }
    case 'rule':
      return `${who(entry.actor)} changed egress ${entry.subject} (${entry.action}).`
    case 'frozen':
      return `Evidence was frozen: ${entry.title}`
    case 'case':
      return caseSentence(entry.event)
  }
}

function caseSentence({ kind, actor, detail }: Extract<TimelineEntry, { kind: 'case' }>['event']): string {
  const isOurs = actor === 'postern'
  const count = told(detail, 'findings')
  const findings = `${count} ${count === '1' ? 'finding' : 'findings'}`
  switch (kind) {
    case 'opened':
    case 'reopened':
      return isOurs
        ? `The incident ${kind === 'opened' ? 'opened' : 'opened again'}.`
        : `${who(actor)} ${CASE_WORDS[kind]}.`
    case 'resolved':
      return isOurs
        ? 'Resolved: every finding is resolved or accepted.'
        : `${who(actor)} resolved the incident: ${told(detail, 'reason')}`
    case 'joined':
      return isOurs ? `${findings} of the same cause joined.` : `${who(actor)} added ${findings}.`
    case 'left':
      return `${who(actor)} took ${findings} out.`
    case 'merged':
      return `${who(actor)} merged “${told(detail, 'title')}” into this incident.`
    case 'owned':
      return told(detail, 'owner') === ''
        ? `${who(actor)} took the owner away.`
        : `${who(actor)} made ${told(detail, 'owner')} the owner.`
    case 'commented':
      return `${who(actor)}: ${told(detail, 'text')}`
  }
}

/** How many detectors work, in one sentence; '' before the first pass. Of more `clusters` than these states are of, it says so. */
export function detectorsSentence(states: readonly DetectorState[], clusters: number): string {
  if (states.length === 0) return ''
  const count = (state: DetectorState['state']) => states.filter((one) => one.state === state).length
  const parts = [
    `${count('on')} on`,
    count('off') > 0 ? `${count('off')} off for want of a source` : '',
    count('learning') > 0 ? `${count('learning')} learning` : '',
    count('failed') > 0 ? `${count('failed')} failed` : '',
  ]
  const told = new Set(states.map(({ cluster }) => cluster)).size
  const all = clusters > 1 ? ` in ${formatCount(clusters)} clusters` : ''
  const where = clusters > told ? ` in the first ${told} of ${formatCount(clusters)} clusters, by name` : all
  return `Detectors${where}: ${parts.filter(Boolean).join(', ')}.`
}

/** Why a detector does not work, one sentence. */
export function detectorSentence({ detector, name, state, missing, untilMs }: DetectorState): string {
  switch (state) {
    case 'on':
      return `${detector} ${name}: on.`
    case 'off':
      return `${detector} ${name}: off, no source tells ${missing.join(', nor ')}.`
    case 'learning':
      return `${detector} ${name}: learning${untilMs === undefined ? '' : ` until ${formatMoment(untilMs)}`}, what is usual is not known yet.`
    case 'failed':
      return `${detector} ${name}: failed; the log has why.`
  }
}
