import 'server-only'
import { AppError } from '@/lib/errors'

/** Whether a text is a signed 64-bit number in decimals, as keys of the database are written. */
export const isInt64 = (text: string): boolean =>
  /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)

/** The id of an edge or a node from a path: decimal text of a signed 64-bit number. Throws `not_found` for anything else. */
export function idParam(text: string, what: string): string {
  if (!isInt64(text)) throw new AppError('not_found', `no such ${what}`)
  return text
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A uuid from a path. Throws `not_found` for anything else. */
export function uuidParam(text: string, what: string): string {
  if (!UUID.test(text)) throw new AppError('not_found', `no such ${what}`)
  return text
}
