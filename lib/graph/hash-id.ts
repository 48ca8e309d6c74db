import { hash64 } from '@/lib/model/hash64'

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
