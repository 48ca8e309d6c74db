import 'server-only'

/**
 * A record's uuid as two 64-bit numbers: `low` is its second half, `key` both halves XORed, which the primary key holds: as
 * good as unique whatever kind of uuid a source makes (in those of version 1 one half repeats), at half the width.
 */
export interface RecordKey {
  readonly key: readonly [number, number]
  readonly low: readonly [number, number]
}

/** From text in lower case, as `recordUuid` makes it. */
export function recordKey(uuid: string): RecordKey {
  const high = [word(uuid.slice(0, 8)), word(uuid.slice(9, 13) + uuid.slice(14, 18))] as const
  const low = [word(uuid.slice(19, 23) + uuid.slice(24, 28)), word(uuid.slice(28, 36))] as const
  return { key: [high[0] ^ low[0], high[1] ^ low[1]], low }
}

const word = (hex: string): number => Number.parseInt(hex, 16) | 0

/** The number as text, as bigint parameters take it. */
export const recordKeyText = (uuid: string): string => {
  const { key } = recordKey(uuid)
  return ((BigInt(key[0]) << 32n) | BigInt(key[1] >>> 0)).toString()
}

/** The uuid of two columns. */
export function uuidOf(key: string, low: string): string {
  const second = BigInt.asUintN(64, BigInt(low))
  const first = BigInt.asUintN(64, BigInt(key)) ^ second
  const hex = first.toString(16).padStart(16, '0') + second.toString(16).padStart(16, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
