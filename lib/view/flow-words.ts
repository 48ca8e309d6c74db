import type { Observer } from '@/lib/model/flow'
import type { FlowCount, FlowListRow } from '@/lib/model/flow-list'
import type { EvidenceClass } from '@/lib/model/prepared-batch'
import type { Basis, Outcome, Pending } from '@/lib/model/verdict'

export const OUTCOME_WORD: Readonly<Record<Outcome, string>> = {
  allowed: 'Allowed',
  denied: 'Denied',
  dropped: 'Dropped',
  error: 'Error',
  observed: 'No verdict',
  unknown: 'Not told',
}

/** A sign beside the word, so that colour is never alone. */
export const OUTCOME_SIGN: Readonly<Record<Outcome, string>> = {
  allowed: '→',
  denied: '⊘',
  dropped: '×',
  error: '!',
  observed: '?',
  unknown: '?',
}

export const BASIS_WORD: Readonly<Record<Basis, string>> = {
  rule: 'a rule',
  default: 'default: no rule matched',
  no_policy: 'no policy selects it',
  implicit: 'the engine’s own rule',
  not_reported: 'not reported',
  inferred: 'inferred',
}

export const PENDING_WORD: Readonly<Record<Pending, string>> = {
  same: 'the same',
  would_allow: 'would be allowed',
  would_deny: 'would be denied',
  unknown: 'not told',
}

export const OBSERVER_WORD: Readonly<Record<Observer, string>> = {
  client: 'client side',
  server: 'server side',
  gateway: 'gateway',
  unknown: 'not told',
}

export const KEPT_AS_WORD: Readonly<Record<EvidenceClass, string>> = {
  denied: 'denial',
  dropped: 'drop',
  error: 'error',
  audit: 'audit',
  external: 'call out of the cluster',
  calico: 'Calico record',
  exemplar: 'example',
}

const exact = new Intl.NumberFormat('en')

/** A whole number with its thousands apart. */
export const formatExact = (count: number): string => exact.format(count)

/** `1,240 flow records`, `more than 100,000 flow records`, `at least 12 flow records`. */
export function countWords({ count, isExact }: FlowCount, bound: number): string {
  const number = formatExact(count)
  const word = count === 1 && isExact ? 'flow record' : 'flow records'
  if (isExact) return `${number} ${word}`
  return `${count >= bound ? 'more than' : 'at least'} ${number} ${word}`
}

/** Who called whom, as a person reads it. */
export const flowTitle = ({ client, server, protocol }: FlowListRow): string =>
  `${client.label} → ${server.label}${server.port === undefined ? '' : `, port ${server.port}/${protocol}`}`
