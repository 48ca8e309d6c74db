import { formatMoment } from './format'
import type { GraphView } from './graph-view'
import { resolveTime } from './times'

/** One of a unit, and several. */
const UNIT_WORD: Readonly<Record<string, readonly [string, string]>> = {
  s: ['second', 's'],
  m: ['minute', 'min'],
  h: ['hour', 'h'],
  d: ['day', 'days'],
  w: ['week', 'weeks'],
  M: ['month', 'months'],
  y: ['year', 'years'],
}
/** Windows that people have a name for. */
const NAMED: Readonly<Record<string, string>> = {
  'now/d to now/d': 'today',
  'now/d to now': 'today so far',
  'now-1d/d to now-1d/d': 'yesterday',
  'now/w to now/w': 'this week',
  'now/w to now': 'this week so far',
  'now-1w/w to now-1w/w': 'last week',
  'now/M to now/M': 'this month',
  'now-1M/M to now-1M/M': 'last month',
}

/** A view's window as people say it: "the last 15 min", "yesterday", or both ends. */
export function windowWords(view: Pick<GraphView, 'from' | 'to'> & { readonly zone?: string }, nowMs: number): string {
  const { zone = '' } = view
  const relative = /^now-(\d+)([smhdwMy])$/.exec(view.from)
  const [one, several] = UNIT_WORD[relative?.[2] ?? ''] ?? []
  if (view.to === 'now' && relative && one)
    return Number(relative[1]) === 1 ? `the last ${one}` : `the last ${relative[1]} ${several}`
  const key = `${view.from} to ${view.to}`
  const named = Object.hasOwn(NAMED, key) ? NAMED[key] : undefined
  if (named !== undefined) return zone ? `${named} (${zone})` : `${named} (UTC)`
  const [from, to] = [resolveTime(view.from, nowMs, { zone }), resolveTime(view.to, nowMs, { zone, isEnd: true })]
  return `${formatMoment(from ?? nowMs)} to ${formatMoment(to ?? nowMs)}`
}
