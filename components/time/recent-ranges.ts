import { remember, remembered } from '@/components/ui/browser-memory'

export interface Range {
  readonly from: string
  readonly to: string
}

const KEY = 'postern-ranges'
const MOST = 5

/** Windows that this browser chose by hand, the newest first, at most five. */
export function recentRanges(): Range[] {
  try {
    const stored: unknown = JSON.parse(remembered(KEY) ?? '[]')
    return Array.isArray(stored) ? stored.filter(isRange).slice(0, MOST) : []
  } catch {
    return []
  }
}

/** Puts a window first among the recent ones. */
export function rememberRange({ from, to }: Range): void {
  const others = recentRanges().filter((range) => range.from !== from || range.to !== to)
  remember(KEY, JSON.stringify([{ from, to }, ...others].slice(0, MOST)))
}

const isRange = (value: unknown): value is Range =>
  typeof value === 'object' &&
  value !== null &&
  'from' in value &&
  'to' in value &&
  typeof value.from === 'string' &&
  typeof value.to === 'string' &&
  value.from.length <= 40 &&
  value.to.length <= 40
