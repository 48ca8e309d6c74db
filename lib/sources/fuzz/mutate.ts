import { isRecord } from '../framing/unwrap'

/** For tests: numbers in [0, 1), the same ones for the same seed. */
export type Random = () => number

/** mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A whole number in [0, below). */
const int = (random: Random, below: number): number => Math.floor(random() * below)
export const pick = <T>(random: Random, items: readonly T[]): T | undefined => items[int(random, items.length)]

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
const nestedObjects = (levels: number): unknown => JSON.parse(`${'{"flow":'.repeat(levels)}1${'}'.repeat(levels)}`)

/** Texts that break careless readers: numbers that are none, half characters, addresses and times at the edge of their grammar. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '-',
  'NaN',
  'Infinity',
  '-Infinity',
  '-1',
  '1e5',
  '0x10',
  ' 443 ',
  '65536',
  '99999999999999999999',
  '\0',
  'a\0b',
  '\ud800',
  'a\udc00b',
  '\u202egnp',
  '\n',
  '\r\n\t',
  '\x1b[31m',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'x'.repeat(5000),
  '🦄'.repeat(700),
  `a${'🦄'.repeat(700)}`,
  'İ'.repeat(300),
  '1.2.3',
  '256.1.1.1',
  '010.1.1.1',
  '0x7f.1',
  '127.0.0.1',
  '255.255.255.255',
  '224.0.0.1',
  '::ffff:10.0.0.1',
  '2001:DB8::0001',
  '2001:db8:0:0:0:0:0:1',
  'fe80::1%eth0',
  '::',
  ':::',
  '1970-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '+275760-09-13T00:00:00.001Z',
  '2026-13-45T99:99:99Z',
  '2026-02-30T00:00:00Z',
  '{"log":"{}"}',
  '{"__proto__":{"polluted":true}}',
  '[[[[',
  '<![CDATA[x]]>',
  '&lt;script&gt;',
  "'; DROP TABLE flow_record; --",
  'https://user:secret@host.example:99999/a?b=c#d',
]

/** Values that JSON can hold and no field expects; 1e400 reads as Infinity. */
const HOSTILE_VALUES: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => false,
  () => 0,
  () => -0,
  () => -1,
  () => 1.5,
  () => 65_536,
  () => 2 ** 32,
  () => 2 ** 53,
  () => -(2 ** 53),
  () => 1e308,
  () => Number.POSITIVE_INFINITY,
  () => Number.NEGATIVE_INFINITY,
  () => [],
  () => ({}),
  () => [[]],
  () => [null],
  () => nested(60),
  () => nestedObjects(60),
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  () => Array.from({ length: 300 }, (_, index) => index),
  () => Array.from({ length: 300 }, () => ({ name: 'x', value: 'y' })),
]
const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'length',
  '\0',
  '\ud800',
  'x'.repeat(600),
]

export const hostileValue = (random: Random): unknown =>
  random() < 0.6 ? pick(random, HOSTILE_TEXTS) : pick(random, HOSTILE_VALUES)?.()

/** Sets an own key whatever it is called, as JSON.parse does. */
function put(into: object, key: string, value: unknown): void {
  Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true })
}

interface Place {
  readonly holder: Record<string, unknown> | unknown[]
  readonly key: string
}

function placesOf(value: unknown, out: Place[] = []): Place[] {
  if (Array.isArray(value) || isRecord(value))
    for (const key of Object.keys(value)) {
      if (out.length > 2000) break
      const holder = value as Place['holder']
      out.push({ holder, key })
      placesOf(Reflect.get(holder, key), out)
    }
  return out
}

/**
 * A copy of a JSON value with one to four changes at random places: another value, none, a hostile key, an array in place of an
 * object, a number as text and the other way round, a part of another seed, the part twice.
 */
export function mutateValue(seed: unknown, others: readonly unknown[], random: Random): unknown {
  const root = { value: structuredClone(seed) }
  for (let left = 1 + int(random, 4); left > 0; left -= 1) changeValue(root, others, random)
  return root.value
}

function changeValue(root: { value: unknown }, others: readonly unknown[], random: Random): void {
  const place = pick(random, placesOf(root))
  if (!place) return
  const { holder, key } = place
  const value: unknown = Reflect.get(holder, key)
  switch (int(random, 10)) {
    case 0:
    case 1:
    case 2:
      put(holder, key, hostileValue(random))
      return
    case 3:
      if (key !== 'value' || holder !== root) Reflect.deleteProperty(holder, key)
      return
    case 4:
      put(holder, key, [value])
      return
    case 5:
      if (isRecord(value)) put(holder, key, Object.values(value))
      else if (typeof value === 'string') put(holder, key, mutateText(value, [value], random))
      return
    case 6:
      if (isRecord(value)) put(value, pick(random, HOSTILE_KEYS) ?? '', hostileValue(random))
      return
    case 7:
      if (typeof value === 'number') put(holder, key, String(value))
      else if (typeof value === 'string' && value !== '') put(holder, key, Number(value) || value.length)
      return
    case 8: {
      const theirs = pick(random, placesOf(structuredClone(pick(random, others))))
      if (theirs) put(holder, key, Reflect.get(theirs.holder, theirs.key))
      return
    }
    default:
      if (Array.isArray(holder)) holder.push(structuredClone(value))
      else if (holder !== root) put(holder, pick(random, Object.keys(holder)) ?? key, value)
  }
}

/** A text with one to four changes: characters, whole words, hostile words, a cut, a part twice, the tail of another text. */
export function mutateText(seed: string, others: readonly string[], random: Random): string {
  let text = seed
  for (let left = 1 + int(random, 4); left > 0; left -= 1) text = changeText(text, others, random)
  return text
}

function changeText(text: string, others: readonly string[], random: Random): string {
  const at = int(random, text.length + 1)
  const end = Math.min(text.length, at + 1 + int(random, 12))
  const before = text.slice(0, at)
  switch (int(random, 9)) {
    case 0:
      return before + String.fromCharCode(32 + int(random, 96)) + text.slice(at + 1)
    case 1:
      return before + text.slice(end)
    case 2:
      return before + text.slice(at, end) + text.slice(at)
    case 3:
      return before + (pick(random, HOSTILE_TEXTS) ?? '') + text.slice(at)
    case 4:
      return before
    case 5: {
      const other = pick(random, others) ?? ''
      return before + other.slice(int(random, other.length + 1))
    }
    case 6: {
      const words = text.split(/(\s+|=)/)
      words[int(random, words.length)] = pick(random, HOSTILE_TEXTS) ?? ''
      return words.join('')
    }
    case 7: {
      const words = text.split(' ')
      const [from, to] = [int(random, words.length), int(random, words.length)]
      const word = words[from] ?? ''
      words[from] = words[to] ?? ''
      words[to] = word
      return words.join(' ')
    }
    default:
      return text.replace(/\d+/, () => String(int(random, 100_000)))
  }
}

/** Bytes with one to four changes: single ones, a cut, a part twice, a part left out, huge varints, the tail of another seed. */
export function mutateBytes(seed: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(seed)
  for (let left = 1 + int(random, 4); left > 0; left -= 1) bytes = changeBytes(bytes, others, random)
  return bytes
}

const HOSTILE_BYTES: readonly Uint8Array[] = [
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00),
  Uint8Array.of(0x0b),
  Uint8Array.of(0x0c),
  Uint8Array.of(0x00),
  Uint8Array.of(0xc0, 0x80),
  Uint8Array.of(0xed, 0xa0, 0x80),
]

function changeBytes(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const at = int(random, bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + int(random, 24))
  const head = bytes.subarray(0, at)
  switch (int(random, 10)) {
    case 0:
      return head
    case 1:
      return join(head, bytes.subarray(end))
    case 2:
      return join(bytes.subarray(0, end), bytes.subarray(at))
    case 3:
      return join(head, pick(random, HOSTILE_BYTES) ?? head, bytes.subarray(at))
    case 4: {
      const other = pick(random, others) ?? bytes
      return join(head, other.subarray(int(random, other.length)))
    }
    case 5:
    case 6: {
      const copy = Uint8Array.from(bytes)
      copy[at] = (copy[at] ?? 0) ^ (1 << int(random, 8))
      return copy
    }
    default: {
      const copy = Uint8Array.from(bytes)
      copy[at] = int(random, 256)
      return copy
    }
  }
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))
