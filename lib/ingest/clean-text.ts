/** Longest name of Kubernetes and DNS; three of them still fit into one index entry. */
const LONGEST = 253
/** Control characters and lone surrogates. */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u
const EVERY_UNSTORABLE = /[\p{Cc}\p{Cs}]/gu

/**
 * A name as it may be stored and hashed: no control characters (Postgres refuses NUL, and keys are joined by line feeds),
 * no lone surrogates, at most 253 characters. Ordinary names come back as they are.
 */
export function cleanText(text: string): string {
  if (text.length <= LONGEST && !UNSTORABLE.test(text)) return text
  return text.slice(0, LONGEST).replace(EVERY_UNSTORABLE, '')
}
