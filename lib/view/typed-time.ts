import { isTimeText, isZone } from './times'

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
const WORDS: Readonly<Record<string, { readonly start: string; readonly end: string }>> = {
  now: { start: 'now', end: 'now' },
  today: { start: 'now/d', end: 'now/d' },
  yesterday: { start: 'now-1d/d', end: 'now-1d/d' },
  'this week': { start: 'now/w', end: 'now/w' },
  'last week': { start: 'now-1w/w', end: 'now-1w/w' },
}

/**
 * What a person wrote, as a link keeps it: relative text as it is, words (`yesterday`, `today 14:00`, `monday 9:30`) and local times
 * as what they mean. `local` reads a clock on the reader's wall. Undefined where it is no time.
 */
export function typedTime(text: string, isEnd: boolean, nowMs: number, local: LocalClock): string | undefined {
  const written = text.trim().toLowerCase().replace(/\s+/g, ' ')
  const word = WORDS[written]
  if (word && Object.hasOwn(WORDS, written)) return isEnd ? word.end : word.start
  const spoken = /^(?:last )?([a-z]+)(?: (\d{1,2})(?::(\d\d))?)?$/.exec(written)
  const day = spoken ? dayBefore(spoken[1] ?? '', nowMs, local) : undefined
  if (spoken && day !== undefined) {
    const [hour, minute] = [Number(spoken[2] ?? (isEnd ? 24 : 0)), Number(spoken[3] ?? 0)]
    return hour > 24 || minute > 59 ? undefined : String(local.toMs(day, hour, minute))
  }
  if (isTimeText(text.trim()) && !/^\d{4}-/.test(text.trim())) return text.trim()
  const parsed = /^\d{4}-\d\d-\d\d/.test(written) ? Date.parse(localText(text.trim(), isEnd)) : Number.NaN
  return Number.isFinite(parsed) ? String(parsed) : undefined
}

/** The reader's own clock: how many days ago a moment's day was is counted on it. */
export interface LocalClock {
  /** Day of the week now, 0 = Sunday. */
  weekday(nowMs: number): number
  /** The moment of an hour and minute, so many days before now's day. */
  toMs(daysAgo: number, hour: number, minute: number): number
}

/** How many days ago a day was that is named: the last Monday is never today. */
function dayBefore(name: string, nowMs: number, local: LocalClock): number | undefined {
  if (name === 'today') return 0
  if (name === 'yesterday') return 1
  const day = DAYS.findIndex((full) => full === name || full.slice(0, 3) === name)
  if (day < 0) return undefined
  return (local.weekday(nowMs) - day + 7) % 7 || 7
}

/** A date alone would be read as UTC; as an end it is all of its day. */
function localText(text: string, isEnd: boolean): string {
  if (text.length === 10) return isEnd ? `${text}T24:00:00` : `${text}T00:00:00`
  return text.replace(' ', 'T')
}

/** A browser's clock, in the zone that it is set to. */
export const localClock = (nowMs: number): LocalClock => ({
  weekday: (atMs) => new Date(atMs).getDay(),
  toMs: (daysAgo, hour, minute) => {
    const at = new Date(nowMs)
    return new Date(at.getFullYear(), at.getMonth(), at.getDate() - daysAgo, hour, minute).getTime()
  },
})

/** The name of a zone for a link; '' where it is UTC or has none. */
export const zoneText = (name: string): string => (isZone(name) && name !== 'UTC' ? name : '')
