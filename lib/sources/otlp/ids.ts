import type { SenderSlip } from './wire'

const MAX_SHOWN_ID_CHARS = 64
const BASE64 = /^[A-Za-z0-9+/_-]{11,44}={0,2}$/

const isHexOf = (text: string, bytes: number): boolean => text.length === bytes * 2 && /^[0-9a-fA-F]*$/.test(text)

/**
 * An id of OTLP/JSON as lower-case hex. Hex of any case is the rule; base64, and base64 of the hex text, are mistakes of
 * senders in the wild that cannot be mistaken for hex of the same id, so they are put right and reported as a slip. What is
 * neither comes back as it is, cut, for the caller to refuse.
 */
export function jsonId(value: unknown, bytes: number, slip: (slip: SenderSlip) => void): string {
  if (typeof value !== 'string' || value === '') return ''
  if (isHexOf(value, bytes)) return value.toLowerCase()
  if (!BASE64.test(value)) return value.slice(0, MAX_SHOWN_ID_CHARS)
  const decoded = Buffer.from(value, 'base64')
  if (decoded.length === bytes) {
    slip('base64_ids')
    return decoded.toString('hex')
  }
  const text = decoded.toString('latin1')
  if (isHexOf(text, bytes)) {
    slip('double_encoded_ids')
    return text.toLowerCase()
  }
  return value.slice(0, MAX_SHOWN_ID_CHARS)
}

/** Whether a hex id is one: as many bytes as it must have, not all zero. */
export function isId(hex: string, bytes: number): boolean {
  return isHexOf(hex, bytes) && !/^0*$/.test(hex)
}
