import type { Changed, ComparedCounter } from '@/lib/model/window-comparison'
import { formatBytes, formatCount } from './format'

export const COUNTER_WORD: Readonly<Record<ComparedCounter, string>> = {
  connections: 'Connections',
  denied: 'Denied',
  wouldBeDenied: 'Would be denied',
  dropped: 'Dropped for other causes',
  requests: 'Requests',
  requestErrors: 'Requests that failed (5xx)',
  spans: 'Calls seen by traces',
  spanErrors: 'Calls that failed, by traces',
  tokens: 'Tokens',
  bytes: 'Bytes, both ways',
}

/** A figure in its unit. */
export const counterText = (name: ComparedCounter, value: number): string =>
  name === 'bytes' ? formatBytes(value) : formatCount(value)

/** By how much: `×2.5`, `÷3`, `new`, `gone`, `same`. */
export function changeText({ before, now }: Changed<number>): string {
  if (before === now) return 'same'
  if (before === 0) return 'new'
  if (now === 0) return 'gone'
  const times = now > before ? now / before : before / now
  return `${now > before ? '×' : '÷'}${times < 10 ? times.toFixed(1).replace(/\.0$/, '') : formatCount(Math.round(times))}`
}
