import { isRecord } from '@/lib/sources/framing/unwrap'

export type Wire = Readonly<Record<string, unknown>>

/** Filled with the names that our decoders ask for, never with names from outside: most fields of a record are absent, and are asked for. */
const camelNames = new Map<string, string>()

function camel(key: string): string {
  const known = camelNames.get(key)
  if (known !== undefined) return known
  const name = key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
  camelNames.set(key, name)
  return name
}

/** A field by its proto name, or by the camelCase that other protojson writers use. */
export const field = (wire: Wire, key: string): unknown => wire[key] ?? wire[camel(key)]

export function record(wire: Wire, key: string): Wire | undefined {
  const value = field(wire, key)
  return isRecord(value) ? value : undefined
}

const UNSTORABLE = /[\0\ud800-\udfff]/
const EVERY_UNSTORABLE = /\0|\p{Cs}/gu

/** At most `max` characters of a text, without what Postgres cannot store: NUL, and halves of characters (the cut may make one). */
function storable(value: string, max: number): string {
  const part = value.length > max ? value.slice(0, max) : value
  return UNSTORABLE.test(part) ? part.replace(EVERY_UNSTORABLE, '') : part
}

/** Storable text, at most `max` characters; undefined where absent or empty. */
export function text(wire: Wire, key: string, max = 256): string | undefined {
  const value = field(wire, key)
  return typeof value === 'string' && value !== '' ? storable(value, max) : undefined
}

export function texts(wire: Wire, key: string, most = 64): string[] {
  const value = field(wire, key)
  if (!Array.isArray(value)) return []
  return value
    .filter((item): item is string => typeof item === 'string' && item !== '')
    .slice(0, most)
    .map((item) => storable(item, 256))
}

/** 64-bit integers come as strings; others as numbers. */
export function integer(wire: Wire, key: string): number | undefined {
  const value = field(wire, key)
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

export function flag(wire: Wire, key: string): boolean | undefined {
  const value = field(wire, key)
  return typeof value === 'boolean' ? value : undefined
}

/** An enum by name or number. */
export function enumName(wire: Wire, key: string, names: Readonly<Record<number, string>>): string | undefined {
  const value = field(wire, key)
  if (typeof value === 'number') return names[value] ?? String(value)
  return typeof value === 'string' && value !== '' ? storable(value, 64) : undefined
}
