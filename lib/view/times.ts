const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3600_000 }
const DAY_MS = 86_400_000
/** Of an expression: Grafana's own have three at most. */
const MAX_STEPS = 8
/** The last moment that a Date can say, in milliseconds. */
const MAX_MS = 8.64e15

export interface TimeReading {
  /** The end of a window: what is rounded is rounded up, so that `now/d` to `now/d` is today. */
  readonly isEnd?: boolean
  /** IANA name of the zone in which days, weeks, months and years begin, and of ISO times that name none; '' = UTC. */
  readonly zone?: string
}

/**
 * A link's time as Unix milliseconds: Grafana's relative form (`now`, `now-6h`, `now-1d/d`, `now/w`, steps of s, m, h, d, w, M and
 * y, in chains), epoch milliseconds or seconds, or ISO 8601. Undefined for anything else. Weeks begin on Monday. An end that is
 * rounded is the first moment after its unit, since windows are half-open.
 */
export function resolveTime(
  text: string,
  nowMs: number,
  { isEnd = false, zone = '' }: TimeReading = {},
): number | undefined {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000
  if (/^\d{12,14}$/.test(text)) return Number(text)
  if (text.startsWith('now')) return resolveRelative(text.slice(3), nowMs, isEnd, zone)
  return resolveIso(text, zone)
}

/** True where the text is a time that a link may carry. */
export const isTimeText = (text: string): boolean => resolveTime(text, 0) !== undefined

/** True where the text rounds: what it means depends on a time zone. */
export const isRounded = (text: string): boolean => text.startsWith('now') && text.includes('/')

/** True for the name of a time zone that this machine knows. */
export function isZone(name: string): boolean {
  if (name.length > 64 || !/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}

function resolveRelative(steps: string, nowMs: number, isEnd: boolean, zone: string): number | undefined {
  // A plus in a link that nobody encoded arrives as a space.
  const found = [...steps.matchAll(/([-+ /])(\d{0,6})([smhdwMy])/gy)]
  if (found.length > MAX_STEPS || found.reduce((length, [step]) => length + step.length, 0) !== steps.length)
    return undefined
  let atMs = nowMs
  for (const [, sign, amount = '', unit = ''] of found) {
    const count = amount === '' ? 1 : Number(amount)
    if (sign === '/') {
      if (count !== 1) return undefined
      atMs = roundTo(atMs, unit, isEnd, zone)
    } else {
      atMs = moved(atMs, sign === '-' ? -count : count, unit, zone)
    }
    if (!(Math.abs(atMs) <= MAX_MS)) return undefined
  }
  return atMs
}

/** Days and longer are steps of the calendar: a day is 23 hours where the clocks go forward in it. */
function moved(atMs: number, count: number, unit: string, zone: string): number {
  const length = UNIT_MS[unit]
  if (length !== undefined) return atMs + count * length
  const wall = wallOf(atMs, zone)
  if (unit === 'd' || unit === 'w') return momentOf(wall + count * (unit === 'w' ? 7 : 1) * DAY_MS, zone)
  const date = new Date(wall)
  const month = date.getUTCMonth() + (unit === 'M' ? count : 0)
  const year = date.getUTCFullYear() + (unit === 'y' ? count : 0)
  // The 31st a month before the 31st of July is the 30th of June.
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const day = Math.min(date.getUTCDate(), lastDay)
  return momentOf(Date.UTC(year, month, day) + (((wall % DAY_MS) + DAY_MS) % DAY_MS), zone)
}

function roundTo(atMs: number, unit: string, isUp: boolean, zone: string): number {
  const wall = wallOf(atMs, zone)
  const start = startOf(wall, unit)
  const rounded = isUp ? nextOf(start, unit) : start
  // An hour that the clocks tell twice is not looked up by what they tell.
  return UNIT_MS[unit] === undefined ? momentOf(rounded, zone) : rounded - (wall - atMs)
}

function startOf(wall: number, unit: string): number {
  const length = UNIT_MS[unit] ?? DAY_MS
  const floor = Math.floor(wall / length) * length
  const date = new Date(floor)
  if (unit === 'w') return floor - ((date.getUTCDay() + 6) % 7) * DAY_MS
  if (unit === 'M') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
  return unit === 'y' ? Date.UTC(date.getUTCFullYear(), 0) : floor
}

function nextOf(start: number, unit: string): number {
  const date = new Date(start)
  if (unit === 'M') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
  if (unit === 'y') return Date.UTC(date.getUTCFullYear() + 1, 0)
  return start + (UNIT_MS[unit] ?? (unit === 'w' ? 7 * DAY_MS : DAY_MS))
}

function resolveIso(text: string, zone: string): number | undefined {
  if (text.length > 40 || !/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const namesZone = /(Z|[+-]\d\d:?\d\d)$/i.test(text.slice(10))
  const parsed = Date.parse(namesZone || text.length === 10 ? text : `${text.replace(' ', 'T')}Z`)
  if (!Number.isFinite(parsed)) return undefined
  return namesZone ? parsed : momentOf(parsed, zone)
}

/** What a clock on the wall of a zone shows, as if it were UTC. */
function wallOf(atMs: number, zone: string): number {
  return atMs + offsetMs(atMs, zone)
}

/** The moment at which a clock on the wall of a zone shows this; where clocks skip it, a moment as far behind the skip. */
function momentOf(wall: number, zone: string): number {
  const guess = wall - offsetMs(wall, zone)
  return wall - offsetMs(guess, zone)
}

/** How far a zone is ahead of UTC at a moment; 0 for a zone that nobody knows. */
function offsetMs(atMs: number, zone: string): number {
  if (zone === '' || zone === 'UTC' || !(Math.abs(atMs) < MAX_MS - DAY_MS)) return 0
  const format = formatOf(zone)
  if (!format) return 0
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000
}

/** At most as many as there are zones: only known names get in. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone)
  if (known || !isZone(zone)) return known
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, format)
  return format
}
