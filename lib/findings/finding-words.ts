/** Longest a name is in a sentence, in code points, and longest a sentence is, in UTF-16 units. */
const NAME_POINTS = 80
const SENTENCE_UNITS = 300
/** Control, format (bidirectional, zero-width), line and paragraph separators, lone surrogates: nothing a reader should get. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/**
 * A name from outside as a sentence may carry it: without hidden characters, at most 80 code points. Names of workloads, hosts and
 * policies are text that somebody in the cluster chose.
 */
export function spoken(name: string): string {
  // What is cut below need not be cleaned; a code point has at most two units.
  const head = name.slice(0, 4 * NAME_POINTS)
  const points = [...head.replace(HIDDEN, '').trim()]
  if (points.length <= NAME_POINTS && head.length === name.length) return points.join('') || 'unnamed'
  return `${points.slice(0, NAME_POINTS - 1).join('')}…`
}

/** A sentence of at most 300 units, as titles, facts and disproofs are. */
export function sentence(text: string): string {
  const clean = text.replace(HIDDEN, '')
  if (clean.length <= SENTENCE_UNITS) return clean
  // A cut between the halves of a pair would leave half a character.
  return `${clean.slice(0, SENTENCE_UNITS - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** `1 connection`, `3 connections`. */
export const times = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`

/** At most three of the names, each once, and how many more there are. */
export function listed(names: Iterable<string>): string {
  const all = [...new Set(names)].sort(byText)
  const rest = all.length > 3 ? ` and ${all.length - 3} more` : ''
  return `${all.slice(0, 3).map(spoken).join(', ')}${rest}`
}

/** Order of text that is the same on every machine. */
export const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** `12 MB`, `1.5 GB`: decimal units. */
export function bytesWords(bytes: number): string {
  if (bytes >= 1e9) return `${Math.round(bytes / 1e8) / 10} GB`
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`
  return `${Math.round(bytes / 1e3)} kB`
}
