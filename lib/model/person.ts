import { LIMITS } from './limits'

/** Words by which the audit log names what is no person. */
const TAKEN = /^(postern|admin|administrator|local|unknown|system|token\b.*)$/i
/** Letters with their marks, digits, and what stands in names and addresses; no brackets, which tell how somebody came in. */
const FORM = /^[\p{L}\p{M}\p{N} .,'’@_+-]+$/u

/**
 * A person's name as they gave it, with single spaces; undefined where it is none: empty, too long, without a letter, of other characters,
 * or one that the audit log has for what is no person.
 */
export function personName(text: string): string | undefined {
  if (text.length > 4 * LIMITS.personNameChars) return undefined
  const name = text.normalize('NFKC').trim().replace(/\s+/g, ' ')
  const isName = FORM.test(name) && /\p{L}/u.test(name) && !TAKEN.test(name)
  return isName && [...name].length <= LIMITS.personNameChars ? name : undefined
}

/**
 * How the audit log names somebody who said a name: with how they came in, which nobody else's entry ends with. A name is what they said
 * of themselves: all who sign in hold the same token.
 */
export const actorNamed = (name: string, how: 'signed in' | 'local'): string => `${name} (${how})`
