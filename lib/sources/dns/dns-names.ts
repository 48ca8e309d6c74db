/** Longest name of the DNS in text. */
const LONGEST = 253
/** What a name may be stored and shown as: printable ASCII without spaces and quotes. The DNS itself allows any byte. */
const PRINTABLE = /^[!#-&(-~]+$/
/** Top labels that never lead to the internet: RFC 6761, RFC 6762, RFC 7686, and ICANN's reservation of `internal`. */
const NOT_OUTSIDE: ReadonlySet<string> = new Set(['local', 'internal', 'localhost', 'arpa', 'invalid', 'onion'])

/** A name of the DNS in our form: lower case, no trailing dot; undefined for what cannot be one, and for the root. */
export function dnsName(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (name === '' || name.length > LONGEST || !PRINTABLE.test(name) || name.split('.').includes('')) return undefined
  return name.toLowerCase()
}

/**
 * True for a name that can have a public address: of two labels at least, and of no zone that stays inside
 * (`*.cluster.local`, `*.internal`, reverse look-ups). A cluster domain of another name counts as outside, which only makes
 * more candidates, never fewer.
 */
export function isOutsideName(name: string): boolean {
  const dot = name.lastIndexOf('.')
  return dot > 0 && !NOT_OUTSIDE.has(name.slice(dot + 1))
}
