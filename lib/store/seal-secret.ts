import 'server-only'
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const SEALED = 'v1:'
const PLAIN = 'plain:'
const IV_BYTES = 12
const TAG_BYTES = 16

const keyOf = (secretKey: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secretKey, '', 'postern sealed settings', 32))

/**
 * A secret as it is stored: encrypted (AES-256-GCM, key from POSTERN_SECRET_KEY by HKDF) and bound to `place`, so that it opens nowhere
 * else; without a key as it is. Backups hold what is stored.
 */
export function sealSecret(text: string, place: string, secretKey: string | undefined): string {
  if (secretKey === undefined) return PLAIN + text
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyOf(secretKey), iv)
  cipher.setAAD(Buffer.from(place))
  const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return SEALED + sealed.toString('base64url')
}

/** The secret again; undefined where the key is missing or another, or the text was changed or moved. */
export function openSecret(stored: string, place: string, secretKey: string | undefined): string | undefined {
  if (stored.startsWith(PLAIN)) return stored.slice(PLAIN.length)
  if (!stored.startsWith(SEALED) || secretKey === undefined) return undefined
  const sealed = Buffer.from(stored.slice(SEALED.length), 'base64url')
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyOf(secretKey), sealed.subarray(0, IV_BYTES))
    decipher.setAAD(Buffer.from(place))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    return decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}

/** Whether a stored secret is encrypted. */
export const isSealed = (stored: string): boolean => stored.startsWith(SEALED)
