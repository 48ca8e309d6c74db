import { formatMoment } from './format'
import type { GraphView } from './graph-view'
import { resolveTime } from './times'

const UNIT_WORD: Readonly<Record<string, string>> = {
  s: 's',
  m: 'min',
  h: 'h',
  d: 'd',
  w: 'weeks',
  M: 'months',
  y: 'years',
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
  if (view.to === 'now' && relative) return `the last ${relative[1]} ${UNIT_WORD[relative[2] ?? 'm']}`
  const key = `${view.from} to ${view.to}`
  const named = Object.hasOwn(NAMED, key) ? NAMED[key] : undefined
  if (named !== undefined) return zone ? `${named} (${zone})` : `${named} (UTC)`
  const [from, to] = [resolveTime(view.from, nowMs, { zone }), resolveTime(view.to, nowMs, { zone, isEnd: true })]
  return `${formatMoment(from ?? nowMs)} to ${formatMoment(to ?? nowMs)}`
}
