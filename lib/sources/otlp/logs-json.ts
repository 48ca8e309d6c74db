import { isRecord } from '@/lib/sources/framing/unwrap'
import { fieldOf, type Json, parseJsonRequest, records } from './json-request'
import {
  type LogBounds,
  type LogFlaw,
  type LogSink,
  type PlainRecord,
  type PlainValue,
  plainInteger,
  putPlain,
  type WireLog,
} from './log-wire'

/** What a value without text takes of a record's bound. */
const VALUE_BYTES = 8
const MEMBERS = [
  ['stringValue', 'string_value'],
  ['boolValue', 'bool_value'],
  ['intValue', 'int_value'],
  ['doubleValue', 'double_value'],
  ['arrayValue', 'array_value'],
  ['kvlistValue', 'kvlist_value'],
  ['bytesValue', 'bytes_value'],
] as const

/**
 * Reads an ExportLogsServiceRequest in OTLP/JSON, as strict senders and hand-written ones write it: a body may also be a bare text
 * or a plain object, attributes a list or an object. Throws AppError `bad_request` where the text is no JSON, or the JSON
 * no request.
 */
export function readLogsJson(body: Uint8Array, bounds: LogBounds, sink: LogSink): void {
  for (const one of records(fieldOf(parseJsonRequest(body, 'logs'), 'resourceLogs', 'resource_logs'))) {
    const resource = isRecord(one.resource) ? new PlainReader(bounds).attributes(one.resource.attributes, 0) : {}
    for (const scope of records(fieldOf(one, 'scopeLogs', 'scope_logs'))) {
      const logs = fieldOf(scope, 'logRecords', 'log_records')
      if (Array.isArray(logs)) for (const log of logs) sink.log(logOf(log, bounds), resource)
    }
  }
}

function logOf(log: unknown, bounds: LogBounds): WireLog {
  if (!isRecord(log)) return { body: null, attributes: {}, flaw: 'not_an_object' }
  if ('startTimeUnixNano' in log || 'start_time_unix_nano' in log)
    return { body: null, attributes: {}, flaw: 'not_a_log' }
  const reader = new PlainReader(bounds)
  const body = reader.value(log.body, 1)
  const attributes = reader.attributes(log.attributes, 0)
  return { body, attributes, ...(reader.flaw && { flaw: reader.flaw }) }
}

/** Values of one record, up to its bounds: what lies beyond is not read, and flaws it. */
class PlainReader {
  flaw: LogFlaw | undefined
  private bytes = 0

  constructor(private readonly bounds: LogBounds) {}

  attributes(value: unknown, depth: number): PlainRecord {
    return isRecord(value) ? this.object(value, depth) : this.list(value, depth)
  }

  value(value: unknown, depth: number): PlainValue {
    if (!this.take(VALUE_BYTES) || value === undefined || value === null) return null
    if (depth > this.bounds.maxDepth) {
      this.flaw = 'nested_too_deep'
      return null
    }
    if (typeof value === 'string') return this.take(value.length) ? value : null
    if (typeof value === 'number' || typeof value === 'boolean') return value
    if (Array.isArray(value)) return this.items(value, depth)
    return isRecord(value) ? this.wrapped(value, depth) : null
  }

  /** An AnyValue, or an object that a hand-written exporter did not wrap. */
  private wrapped(value: Json, depth: number): PlainValue {
    const member = MEMBERS.find(([camel, snake]) => Object.hasOwn(value, camel) || Object.hasOwn(value, snake))
    if (!member) return this.object(value, depth)
    const inner = value[member[0]] ?? value[member[1]]
    switch (member[0]) {
      case 'intValue':
        return integer(inner)
      case 'doubleValue':
        return typeof inner === 'string' ? Number(inner.slice(0, 40)) : this.value(inner, depth)
      case 'arrayValue':
        return this.items(isRecord(inner) ? inner.values : inner, depth)
      case 'kvlistValue':
        return this.list(isRecord(inner) ? inner.values : inner, depth)
      case 'bytesValue':
        return typeof inner === 'string' && this.take(inner.length)
          ? Buffer.from(inner, 'base64').toString('utf8')
          : null
      default:
        return this.value(inner, depth)
    }
  }

  private object(value: Json, depth: number): PlainRecord {
    const entries: Record<string, PlainValue> = {}
    for (const key of Object.keys(value)) {
      if (!this.take(key.length)) break
      putPlain(entries, key, this.value(value[key], depth + 1))
    }
    return entries
  }

  private list(value: unknown, depth: number): PlainRecord {
    const entries: Record<string, PlainValue> = {}
    for (const item of records(value)) {
      if (typeof item.key !== 'string') continue
      if (!this.take(item.key.length)) break
      putPlain(entries, item.key, this.value(item.value, depth + 1))
    }
    return entries
  }

  private items(value: unknown, depth: number): PlainValue[] {
    const items: PlainValue[] = []
    if (Array.isArray(value))
      for (const item of value) {
        if (this.flaw) break
        items.push(this.value(item, depth + 1))
      }
    return items
  }

  private take(bytes: number): boolean {
    this.bytes += bytes
    if (this.bytes > this.bounds.maxBytes) this.flaw ??= 'line_too_long'
    return this.flaw === undefined
  }
}

/** int64 as decimal text or number; what is neither is no value. */
function integer(value: unknown): PlainValue {
  if (typeof value === 'number') return Number.isInteger(value) ? value : null
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) return null
  const number = Number(value)
  return plainInteger(Number.isSafeInteger(number) ? number : BigInt.asIntN(64, BigInt(value)))
}
