import 'server-only'

/**
 * JSON text that Postgres takes as jsonb: without NUL characters and lone surrogates, which JSON allows and jsonb refuses.
 * Ordinary values cost one JSON.stringify.
 */
export function storeJson(value: unknown): string {
  const text = JSON.stringify(value)
  // Both show as escapes; text that only looks like one merely takes the slow way.
  return text.includes('\\u') ? JSON.stringify(cleanValue(value)) : text
}

const LONE_SURROGATE = /\p{Cs}/gu

/** Text without NUL and lone surrogates. */
export const storeText = (text: string): string => text.replaceAll('\0', '').replace(LONE_SURROGATE, '\ufffd')

function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return storeText(value)
  if (Array.isArray(value)) return value.map(cleanValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storeText(key), cleanValue(item)]))
}
