import 'server-only'
import { AppError } from '@/lib/errors'

/** The id of an edge or a node from a path: decimal text of a signed 64-bit number. Throws `not_found` for anything else. */
export function idParam(text: string, what: string): string {
  if (!/^-?\d{1,19}$/.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text))
    throw new AppError('not_found', `no such ${what}`)
  return text
}
