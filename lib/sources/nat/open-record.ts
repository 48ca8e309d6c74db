import { LIMITS } from '@/lib/model/limits'
import { isRecord, unwrapShipper } from '@/lib/sources/framing/unwrap'

type Fields = Readonly<Record<string, unknown>>

/** Members that hold the records of a file or message: CloudTrail and Azure, CloudWatch subscriptions, `entries.list`. */
const LISTS = ['Records', 'records', 'logEvents', 'entries'] as const

/** The names of `LISTS`, for a framing that opens them while they stream. */
export const ENVELOPES: readonly string[] = LISTS

/**
 * The log records inside one JSON value: a file's list, a Pub/Sub push (`{"message":{"data":"<base64>"}}`), a shipper's wrapper,
 * or the value itself. undefined stands for each that cannot be opened, so that none is lost without a word; an empty list
 * holds none.
 */
export function openRecord(value: unknown, isBare: (record: Fields) => boolean): readonly (Fields | undefined)[] {
  if (!isRecord(value) || isBare(value)) return [isRecord(value) ? value : undefined]
  const list = LISTS.map((name) => value[name]).find(Array.isArray)
  return list ? list.map((item: unknown) => openOne(item, isBare)) : [openOne(value, isBare)]
}

/** The record inside one wrapper; a value that is none and has no wrapper is answered as it is, for its decoder to refuse. */
function openOne(value: unknown, isBare: (record: Fields) => boolean): Fields | undefined {
  if (!isRecord(value)) return undefined
  const pushed = isRecord(value.message) && typeof value.message.data === 'string' ? value.message.data : undefined
  const opened = pushed === undefined ? value : jsonOfBase64(pushed)
  return opened && unwrapShipper(opened, isBare)
}

function jsonOfBase64(text: string): Fields | undefined {
  if (text.length > LIMITS.wrappedRecordChars) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'))
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
