import { isRecord } from '@/lib/sources/framing/unwrap'
import { jsonId } from './ids'
import { type Json, parseJsonRequest, records } from './json-request'
import { JsonValueReader } from './json-values'
import type { KeyVerdict, TraceSink, WireAttributes, WireEvent, WireFilter, WireSpan } from './wire'

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
const STATUS_CODES = ['UNSET', 'OK', 'ERROR']
const MAX_NS = 0xffff_ffff_ffff_ffffn
/**
 * Reads an ExportTraceServiceRequest in OTLP/JSON, as strict senders and the slips of real ones write it: hex or base64
 * ids, enums as numbers or names, lowerCamelCase or snake_case, 64-bit integers as strings or numbers, attributes as a list
 * or an object. Throws AppError `bad_request` where the text is no JSON, or the JSON no request. A bad span is handed on
 * with its flaw. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding (read 2026-10)
 */
export function readTracesJson(body: Uint8Array, filter: WireFilter, sink: TraceSink): void {
  const request = parseJsonRequest(body, 'traces')
  const reader = new JsonTraceReader(filter, sink)
  for (const one of records(reader.field(request, 'resourceSpans', 'resource_spans'))) reader.resourceSpans(one)
}

class JsonTraceReader {
  private readonly values: JsonValueReader

  constructor(
    private readonly filter: WireFilter,
    private readonly sink: TraceSink,
  ) {
    this.values = new JsonValueReader(filter, (slip) => sink.slip(slip))
  }

  /** The field by its JSON name, or by its proto name, which OTLP/JSON forbids and some senders use. */
  field(record: Json, camel: string, snake: string): unknown {
    const value = record[camel]
    if (value !== undefined) return value ?? undefined
    const other = Object.hasOwn(record, snake) ? record[snake] : undefined
    if (other !== undefined && snake !== camel) this.sink.slip('snake_case')
    return other ?? undefined
  }

  resourceSpans(one: Json): void {
    const resource = isRecord(one.resource)
      ? this.attributes(one.resource.attributes, this.filter.resource).attributes
      : new Map()
    for (const scopeSpans of records(this.field(one, 'scopeSpans', 'scope_spans'))) {
      const scope = isRecord(scopeSpans.scope) ? text(scopeSpans.scope.name, 256) : ''
      const spans = scopeSpans.spans
      if (!Array.isArray(spans)) continue
      for (const span of spans)
        this.sink.span(isRecord(span) ? this.span(span) : { ...EMPTY_SPAN, flaw: 'not_an_object' }, scope, resource)
    }
  }

  private span(span: Json): WireSpan {
    const slip = this.sink.slip.bind(this.sink)
    const status = isRecord(span.status) ? span.status : {}
    const { attributes, isTooDeep } = this.attributes(span.attributes, this.filter.span)
    const startNs = this.time(this.field(span, 'startTimeUnixNano', 'start_time_unix_nano'))
    const endNs = this.time(this.field(span, 'endTimeUnixNano', 'end_time_unix_nano'))
    const looksLikeLog = !('startTimeUnixNano' in span) && ('timeUnixNano' in span || 'severityNumber' in span)
    const flaw = looksLikeLog ? 'log_record' : isTooDeep ? 'nested_too_deep' : undefined
    return {
      traceId: jsonId(this.field(span, 'traceId', 'trace_id'), 16, slip),
      spanId: jsonId(this.field(span, 'spanId', 'span_id'), 8, slip),
      parentSpanId: jsonId(this.field(span, 'parentSpanId', 'parent_span_id'), 8, slip),
      name: text(span.name, this.filter.maxTextChars),
      kind: this.enumeration(span.kind, KINDS, 'SPAN_KIND_'),
      startNs: startNs ?? 0n,
      endNs: endNs ?? 0n,
      attributes,
      events: this.events(span.events),
      statusCode: this.enumeration(status.code, STATUS_CODES, 'STATUS_CODE_'),
      statusMessage: text(status.message, this.filter.maxTextChars),
      ...((flaw || startNs === undefined || endNs === undefined) && { flaw: flaw ?? 'bad_time' }),
    }
  }

  private events(value: unknown): WireEvent[] {
    const events: WireEvent[] = []
    for (const event of records(value)) {
      if (events.length >= this.filter.maxItems) break
      const { attributes } = this.attributes(event.attributes, this.filter.event)
      events.push({ name: text(event.name, 256), attributes })
    }
    return events
  }

  private attributes(
    value: unknown,
    keep: (key: string) => KeyVerdict,
  ): { attributes: WireAttributes; isTooDeep: boolean } {
    return this.values.attributes(value, keep)
  }

  /** Unsigned nanoseconds; absent = 0; undefined = not a time. A JSON number beyond 2^53 has lost its last digits. */
  private time(value: unknown): bigint | undefined {
    if (value === undefined || value === '') return 0n
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) {
      if (!Number.isSafeInteger(value)) this.sink.slip('times_as_numbers')
      return bounded(BigInt(value))
    }
    if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return undefined
    return bounded(BigInt(value))
  }

  private enumeration(value: unknown, names: readonly string[], prefix: string): number {
    if (typeof value === 'number' && Number.isInteger(value)) return value
    if (typeof value !== 'string') return 0
    this.sink.slip('enum_names')
    const name = value.toUpperCase()
    const known = names.indexOf(name.startsWith(prefix) ? name.slice(prefix.length) : name)
    return known >= 0 ? known : /^\d$/.test(value) ? Number(value) : 0
  }
}

const bounded = (ns: bigint): bigint | undefined => (ns <= MAX_NS ? ns : undefined)

const text = (value: unknown, maxChars: number): string => (typeof value === 'string' ? value.slice(0, maxChars) : '')

const EMPTY_SPAN: WireSpan = {
  traceId: '',
  spanId: '',
  parentSpanId: '',
  name: '',
  kind: 0,
  startNs: 0n,
  endNs: 0n,
  attributes: new Map(),
  events: [],
  statusCode: 0,
  statusMessage: '',
}
