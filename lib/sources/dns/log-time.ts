import { SECOND_MS, type UnixMillis } from '@/lib/model/units'

const RFC3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/

/** A time of RFC 3339 with its zone; undefined for everything else: a time without zone has several readings. */
export function timeOfText(text: string): UnixMillis | undefined {
  if (text.length > 40 || !RFC3339.test(text)) return undefined
  const ms = Date.parse(text.replace(' ', 'T').replace(',', '.'))
  return Number.isFinite(ms) ? ms : undefined
}

/** A time as log shippers write it: RFC 3339, or a number of seconds, milliseconds, microseconds or nanoseconds by its size. */
export function timeOfValue(value: unknown): UnixMillis | undefined {
  if (typeof value === 'string') return /^\d+(?:\.\d+)?$/.test(value) ? timeOfNumber(Number(value)) : timeOfText(value)
  return typeof value === 'number' ? timeOfNumber(value) : undefined
}

/** Nanoseconds of the last moment that a date can hold. */
const LATEST_NS = 8.64e21

function timeOfNumber(value: number): UnixMillis | undefined {
  if (!(value > 0 && value <= LATEST_NS)) return undefined
  if (value < 1e11) return Math.floor(value * SECOND_MS)
  if (value < 1e14) return Math.floor(value)
  return Math.floor(value < 1e17 ? value / 1e3 : value / 1e6)
}
