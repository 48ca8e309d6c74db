/** FNV-1a's 64-bit offset and prime, in halves of 32 bits: the prime is 2^40 + 0x1b3. http://www.isthe.com/chongo/tech/comp/fnv/ */
const OFFSET = { high: 0xcbf29ce4, low: 0x84222325 }
const PRIME_LOW = 0x1b3
const HALF = 0x1_0000_0000

/** FNV-1a of 64 bits over the UTF-16 units of a text, low byte first, as 16 hex digits. */
export function hash64(text: string): string {
  let { high, low } = OFFSET
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    for (const byte of [unit & 0xff, unit >>> 8]) {
      low = (low ^ byte) >>> 0
      const product = low * PRIME_LOW
      high = (Math.imul(high, PRIME_LOW) + Math.floor(product / HALF) + (low << 8)) >>> 0
      low = product >>> 0
    }
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}

/** A key of parts that no other parts have, whatever characters are in them: each part stands behind its length. */
export const keyOf = (...parts: readonly string[]): string => parts.map((part) => `${part.length}:${part}`).join('')

/**
 * An id per key: `prefix` and 16 hex digits of its hash, the same for ever. The hash is not a secret one: a name can be made so that
 * its hash is another's. Then the key that comes later in text order is hashed again with a mark, so that two things never have
 * one id.
 */
export function idsOf(prefix: 'g' | 'p', keys: Iterable<string>): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  const taken = new Set<string>()
  for (const key of [...new Set(keys)].sort()) {
    let text = key
    let id = prefix + hash64(text)
    while (taken.has(id)) {
      text += '\0'
      id = prefix + hash64(text)
    }
    taken.add(id)
    ids.set(key, id)
  }
  return ids
}
