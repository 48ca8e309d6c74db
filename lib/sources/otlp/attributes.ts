import type { WireAttributes, WireValue } from './wire'

const MAX_COUNT = 1e12

/**
 * Text that may be stored: no NUL and no lone surrogate (PostgreSQL's jsonb takes neither), no control characters,
 * trimmed, at most `maxChars` UTF-16 units.
 */
export function cleanText(text: string, maxChars: number): string {
  const bounded = text.length > maxChars ? text.slice(0, maxChars) : text
  return /[\p{Cc}\p{Cs}]/u.test(bounded) ? bounded.replace(/[\p{Cc}\p{Cs}]/gu, ' ').trim() : bounded.trim()
}

/** The first of the keys that has a text (or a number, as text): new names first, then old ones. */
export function textOf(attributes: WireAttributes, keys: readonly string[], maxChars = 256): string | undefined {
  for (const key of keys) {
    const text = asText(attributes.get(key), maxChars)
    if (text) return text
  }
  return undefined
}

/** A scalar as text; of an array (user agents, finish reasons) the first item. */
function asText(value: WireValue | undefined, maxChars: number): string {
  if (typeof value === 'string') return cleanText(value, maxChars)
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return Array.isArray(value) ? asText(value[0], maxChars) : ''
}

/** The first of the keys that holds a count: a whole number from 0 to 10^12, also as text. NaN and negatives are none. */
export function countOf(attributes: WireAttributes, keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = attributes.get(key)
    const number = typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN
    if (Number.isInteger(number) && number >= 0 && number <= MAX_COUNT) return number
  }
  return undefined
}
