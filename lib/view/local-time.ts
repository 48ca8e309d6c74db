/** A link's time as a person edits it: relative text as it is, a moment as `2026-11-24 13:05:00` in local time. */
export function localTimeText(text: string): string {
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(ms)) return text
  const at = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** Both ends of a window in local time, the second without its day where that is the first's: `11-24 13:05 – 14:05`. */
export function localRangeText(fromMs: number, toMs: number, nowMs: number): string {
  const [from, to] = [localTimeText(String(Math.round(fromMs))), localTimeText(String(Math.round(toMs)))]
  const isOneDay = from.slice(0, 10) === to.slice(0, 10)
  // Another year than this one must not look like this one.
  const year = localTimeText(String(Math.round(nowMs))).slice(0, 5)
  const start = from.startsWith(year) && to.startsWith(year) ? 5 : 0
  return `${from.slice(start, 16)} – ${isOneDay ? to.slice(11, 16) : to.slice(start, 16)}`
}
