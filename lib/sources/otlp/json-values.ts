import { isRecord } from '@/lib/sources/framing/unwrap'
import type { KeyVerdict, SenderSlip, WireAttributes, WireFilter, WireValue } from './wire'

const MAX_KEY_CHARS = 256
/** Members of an AnyValue by JSON name and by proto name. */
const MEMBERS = [
  ['stringValue', 'string_value'],
  ['boolValue', 'bool_value'],
  ['intValue', 'int_value'],
  ['doubleValue', 'double_value'],
  ['arrayValue', 'array_value'],
  ['kvlistValue', 'kvlist_value'],
  ['bytesValue', 'bytes_value'],
] as const
type Member = (typeof MEMBERS)[number][0]

/** Attribute lists and values of OTLP/JSON, with the bounds of the filter. */
export class JsonValueReader {
  private isTooDeep = false

  constructor(
    private readonly filter: WireFilter,
    private readonly slip: (slip: SenderSlip) => void,
  ) {}

  /** A KeyValue list, or the plain object that hand-written exporters send. Keys that the filter drops are not read. */
  attributes(value: unknown, keep: (key: string) => KeyVerdict): { attributes: WireAttributes; isTooDeep: boolean } {
    this.isTooDeep = false
    const attributes = new Map<string, WireValue>()
    if (isRecord(value)) {
      this.slip('attributes_as_object')
      for (const key of Object.keys(value)) this.put(attributes, key, value[key], keep, 0)
    } else this.list(value, attributes, keep, 0)
    return { attributes, isTooDeep: this.isTooDeep }
  }

  private list(value: unknown, into: Map<string, WireValue>, keep: (key: string) => KeyVerdict, depth: number): void {
    if (!Array.isArray(value)) return
    for (const item of value)
      if (isRecord(item) && typeof item.key === 'string') this.put(into, item.key, item.value, keep, depth)
  }

  private put(
    into: Map<string, WireValue>,
    fullKey: string,
    value: unknown,
    keep: (key: string) => KeyVerdict,
    depth: number,
  ): void {
    const key = fullKey.slice(0, MAX_KEY_CHARS)
    const verdict = keep(key)
    if (verdict === 'content') this.slip('content_discarded')
    if (verdict === 'keep' && (into.has(key) || into.size < this.filter.maxItems))
      into.set(key, this.anyValue(value, depth + 1))
  }

  private anyValue(value: unknown, depth: number): WireValue {
    if (depth > this.filter.maxDepth) {
      this.isTooDeep = true
      return null
    }
    if (!isRecord(value)) return this.bare(value, depth)
    let found: WireValue = null
    for (const [member, snake] of MEMBERS) {
      const inner = value[member] ?? value[snake]
      if (inner === undefined || inner === null) continue
      if (value[member] === undefined) this.slip('snake_case')
      found = this.member(member, inner, depth)
    }
    return found
  }

  /** A value without its wrapper, from senders that write attributes as an object. */
  private bare(value: unknown, depth: number): WireValue {
    if (typeof value === 'string') return value.slice(0, this.filter.maxTextChars)
    if (typeof value === 'number' || typeof value === 'boolean') return value
    if (Array.isArray(value)) return this.items(value, depth)
    return null
  }

  private member(member: Member, inner: unknown, depth: number): WireValue {
    switch (member) {
      case 'stringValue':
      case 'bytesValue':
        return typeof inner === 'string' ? inner.slice(0, this.filter.maxTextChars) : this.bare(inner, depth)
      case 'boolValue':
        return inner === true || inner === 'true'
      case 'intValue':
        return integer(inner)
      case 'doubleValue':
        return double(inner)
      case 'arrayValue':
        return this.items(isRecord(inner) ? inner.values : inner, depth)
      case 'kvlistValue':
        return this.kvlist(inner, depth)
    }
  }

  private items(values: unknown, depth: number): WireValue[] {
    if (!Array.isArray(values)) return []
    return values.slice(0, this.filter.maxItems).map((item) => this.anyValue(item, depth + 1))
  }

  private kvlist(inner: unknown, depth: number): ReadonlyMap<string, WireValue> {
    const entries = new Map<string, WireValue>()
    this.list(isRecord(inner) ? inner.values : inner, entries, () => 'keep', depth)
    return entries
  }
}

/** int64 as decimal text or number; what is neither is no value. */
function integer(value: unknown): WireValue {
  if (typeof value === 'number') return Number.isInteger(value) ? value : null
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) return null
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : BigInt.asIntN(64, BigInt(value))
}

/** Doubles may come as "NaN", "Infinity", "-Infinity" or decimal text. */
function double(value: unknown): WireValue {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || !/^(-?Infinity|NaN|-?[\d.]{1,32}(e[+-]?\d{1,3})?)$/i.test(value)) return null
  return Number(value)
}
