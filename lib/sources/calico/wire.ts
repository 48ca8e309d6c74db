import type { RejectReason } from '@/lib/model/decoded'
import { isRecord } from '@/lib/sources/framing/unwrap'

export type Wire = Readonly<Record<string, unknown>>

/** Why a record is refused; thrown inside the decoder only, and always turned into one reject there. */
export class RecordFault extends Error {
  constructor(
    readonly reason: RejectReason,
    detail: string,
  ) {
    super(detail.slice(0, 120))
  }
}

const MAX_NAME = 512
/** Control characters and lone surrogates: no name has them, and Postgres can store neither NUL nor half a character. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u
/** Printable ASCII, as nearly every name is: several times cheaper to test. */
const PLAIN = /^[ -~]*$/
export const isPrintable = (value: string): boolean => PLAIN.test(value) || !UNPRINTABLE.test(value)

/** Filled by the field names of this folder, never by input. */
const camelNames = new Map<string, string>()

function camel(key: string): string {
  const known = camelNames.get(key)
  if (known !== undefined) return known
  const name = key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
  camelNames.set(key, name)
  return name
}

/** A field by its proto name, or by the camelCase of protojson. */
export const field = (wire: Wire, key: string): unknown => wire[key] ?? wire[camel(key)]

export function record(wire: Wire, key: string): Wire | undefined {
  const value = field(wire, key)
  return isRecord(value) ? value : undefined
}

/** A list; absent is empty, as proto3 writes it. Anything else is a fault. */
export function list(wire: Wire, key: string, most: number): readonly unknown[] {
  const value = field(wire, key)
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new RecordFault('bad_value', `${key} is not a list`)
  if (value.length > most) throw new RecordFault('bad_value', `${key} has more than ${most} entries`)
  return value
}

/** Text; absent is '' as proto3 writes it, and so is Felix's placeholder `-`. */
export function text(wire: Wire, key: string): string {
  const value = field(wire, key)
  if (value === undefined || value === null || value === '-') return ''
  if (typeof value !== 'string') throw new RecordFault('bad_value', `${key} is not text`)
  if (value.length > MAX_NAME) throw new RecordFault('bad_value', `${key} is longer than ${MAX_NAME} characters`)
  if (!isPrintable(value)) throw new RecordFault('bad_value', `${key} has control characters`)
  return value
}

/** int64 as a number or, in protojson, as a string; absent is 0. */
export function integer(wire: Wire, key: string): number {
  const value = field(wire, key)
  if (value === undefined || value === null) return 0
  const number = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number))
    throw new RecordFault('bad_value', `${key} is not a whole number below 2^53`)
  return number
}

/** A counter: an integer that is not negative. */
export function counter(wire: Wire, key: string): number {
  const value = integer(wire, key)
  if (value < 0) throw new RecordFault('bad_value', `${key} is negative`)
  return value
}

/** An enum by number (emitter) or name (protojson). A value newer than this table is kept as text; absent is ''. */
export function enumName(wire: Wire, key: string, names: Readonly<Record<number, string>>): string {
  const value = field(wire, key)
  if (value === undefined || value === null) return ''
  if (typeof value === 'number') return value === 0 ? '' : (names[value] ?? String(value))
  if (typeof value !== 'string' || value.length > 64 || !isPrintable(value))
    throw new RecordFault('bad_value', `${key} is neither a number nor a name`)
  return value.endsWith('Unspecified') ? '' : value
}

// goldmane/proto/api.proto, v3.30 to v3.32.
export const ACTION: Readonly<Record<number, string>> = { 1: 'Allow', 2: 'Deny', 3: 'Pass' }
export const REPORTER: Readonly<Record<number, string>> = { 1: 'Src', 2: 'Dst' }
export const ENDPOINT_TYPE: Readonly<Record<number, string>> = {
  1: 'WorkloadEndpoint',
  2: 'HostEndpoint',
  3: 'NetworkSet',
  4: 'Network',
}
/** 7 and 8 are of 3.30 and 3.31 only, 11 is of 3.32 and later; no number changed its meaning. */
export const POLICY_KIND: Readonly<Record<number, string>> = {
  1: 'CalicoNetworkPolicy',
  2: 'GlobalNetworkPolicy',
  3: 'StagedNetworkPolicy',
  4: 'StagedGlobalNetworkPolicy',
  5: 'StagedKubernetesNetworkPolicy',
  6: 'NetworkPolicy',
  7: 'AdminNetworkPolicy',
  8: 'BaselineAdminNetworkPolicy',
  9: 'Profile',
  10: 'EndOfTier',
  11: 'ClusterNetworkPolicy',
}
