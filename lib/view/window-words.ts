import { formatMoment } from './format'
import { type GraphView, resolveTime } from './graph-view'

const UNIT_WORD: Readonly<Record<string, string>> = { s: 's', m: 'min', h: 'h', d: 'd', w: 'weeks' }

/** A view's window as people say it: "the last 15 min", or both ends. */
export function windowWords(view: Pick<GraphView, 'from' | 'to'>, nowMs: number): string {
  const relative = /^now-(\d+)([smhdw])$/.exec(view.from)
  if (view.to === 'now' && relative) return `the last ${relative[1]} ${UNIT_WORD[relative[2] ?? 'm']}`
  const [from, to] = [resolveTime(view.from, nowMs), resolveTime(view.to, nowMs)]
  return `${formatMoment(from ?? nowMs)} to ${formatMoment(to ?? nowMs)}`
}
