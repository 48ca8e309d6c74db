import { ProtobufReader, WIRE_FIXED64, WIRE_LEN, WIRE_VARINT } from './protobuf-reader'
import type { KeyVerdict, TraceSink, WireAttributes, WireEvent, WireFilter, WireSpan, WireValue } from './wire'

type Keep = (key: string) => KeyVerdict
type Attributes = Map<string, WireValue>

const MAX_KEY_CHARS = 256
const MAX_ID_BYTES = 32

/** A field's tag as one number: what the `switch` of each message looks at. A known field of another wire type is unknown. */
const len = (field: number): number => (field << 3) | WIRE_LEN
const varint = (field: number): number => (field << 3) | WIRE_VARINT
const fixed64 = (field: number): number => (field << 3) | WIRE_FIXED64

const FIELD_1 = len(1)
const FIELD_2 = len(2)
const FIELD_3 = len(3)

/**
 * Reads an ExportTraceServiceRequest (opentelemetry-proto v1.11, collector/trace/v1/trace_service.proto) and hands every
 * span to the sink. Values of keys that the filter does not keep are stepped over, never decoded. Throws AppError
 * `bad_request` where the bytes are not protobuf; a value nested deeper than the filter allows flaws its span only.
 * Cost: one pass, about 3 µs per span.
 */
export function readTracesProtobuf(body: Uint8Array, filter: WireFilter, sink: TraceSink): void {
  const reader = new ProtobufReader(body)
  while (reader.hasMore()) {
    const tag = reader.tag()
    if (tag === FIELD_1) new ResourceSpansReader(reader, filter, sink).read()
    else reader.skip(tag & 7)
  }
}

class ResourceSpansReader {
  private flaw: WireSpan['flaw']

  constructor(
    private readonly reader: ProtobufReader,
    private readonly filter: WireFilter,
    private readonly sink: TraceSink,
  ) {}

  /** Fields may come in any order, so the resource is read in a first pass that steps over the spans. */
  read(): void {
    const { reader } = this
    const outer = reader.enter()
    const start = reader.pos
    const resource: Attributes = new Map()
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_1) this.resource(resource)
      else reader.skip(tag & 7)
    }
    reader.pos = start
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_2) this.scopeSpans(resource)
      else reader.skip(tag & 7)
    }
    reader.leave(outer)
  }

  private resource(into: Attributes): void {
    const { reader } = this
    const outer = reader.enter()
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_1) this.keyValue(into, this.filter.resource, 0)
      else reader.skip(tag & 7)
    }
    reader.leave(outer)
  }

  private scopeSpans(resource: WireAttributes): void {
    const { reader } = this
    const outer = reader.enter()
    const start = reader.pos
    let scopeName = ''
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_1) scopeName = this.scope(scopeName)
      else reader.skip(tag & 7)
    }
    reader.pos = start
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_2) this.sink.span(this.span(), scopeName, resource)
      else reader.skip(tag & 7)
    }
    reader.leave(outer)
  }

  private scope(before: string): string {
    const { reader } = this
    const outer = reader.enter()
    let name = before
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_1) name = reader.text(MAX_KEY_CHARS)
      else reader.skip(tag & 7)
    }
    reader.leave(outer)
    return name
  }

  private span(): WireSpan {
    const { reader, filter } = this
    this.flaw = undefined
    let looksLikeLog = false
    const attributes: Attributes = new Map()
    const events: WireEvent[] = []
    const span: WireSpan = {
      traceId: '',
      spanId: '',
      parentSpanId: '',
      name: '',
      kind: 0,
      startNs: 0n,
      endNs: 0n,
      attributes,
      events,
      statusCode: 0,
      statusMessage: '',
    }
    const outer = reader.enter()
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === len(9)) this.keyValue(attributes, filter.span, 0)
      else if (tag === FIELD_1) span.traceId = reader.hex(MAX_ID_BYTES)
      else if (tag === FIELD_2) span.spanId = reader.hex(MAX_ID_BYTES)
      else if (tag === len(4)) span.parentSpanId = reader.hex(MAX_ID_BYTES)
      else if (tag === len(5)) span.name = reader.text(filter.maxTextChars)
      else if (tag === varint(6)) span.kind = reader.int32()
      else if (tag === fixed64(7)) span.startNs = reader.fixed64()
      else if (tag === fixed64(8)) span.endNs = reader.fixed64()
      else if (tag === len(11) && events.length < filter.maxItems) events.push(this.event())
      else if (tag === len(15)) this.status(span)
      else {
        // LogRecord.time_unix_nano: logs were posted to the traces path, and their first field gives them away.
        if (tag === fixed64(1)) looksLikeLog = true
        reader.skip(tag & 7)
      }
    }
    reader.leave(outer)
    if (this.flaw) span.flaw = this.flaw
    else if (looksLikeLog && span.traceId === '') span.flaw = 'log_record'
    return span
  }

  private event(): WireEvent {
    const { reader } = this
    const attributes: Attributes = new Map()
    let name = ''
    const outer = reader.enter()
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_2) name = reader.text(MAX_KEY_CHARS)
      else if (tag === FIELD_3) this.keyValue(attributes, this.filter.event, 0)
      else reader.skip(tag & 7)
    }
    reader.leave(outer)
    return { name, attributes }
  }

  private status(span: WireSpan): void {
    const { reader } = this
    const outer = reader.enter()
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_2) span.statusMessage = reader.text(this.filter.maxTextChars)
      else if (tag === varint(3)) span.statusCode = reader.int32()
      else reader.skip(tag & 7)
    }
    reader.leave(outer)
  }

  /** The key may come after its value, so a first pass looks for the key, and values are decoded only if it is kept. */
  private keyValue(into: Attributes, keep: Keep, depth: number): void {
    const { reader } = this
    let key = ''
    const outer = reader.enter()
    const start = reader.pos
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_1) key = reader.text(MAX_KEY_CHARS)
      else reader.skip(tag & 7)
    }
    const verdict = keep(key)
    if (verdict === 'content') this.sink.slip('content_discarded')
    if (verdict === 'keep' && (into.has(key) || into.size < this.filter.maxItems)) {
      reader.pos = start
      into.set(key, this.valueOfEntry(depth + 1))
    }
    reader.leave(outer)
  }

  private valueOfEntry(depth: number): WireValue {
    const { reader } = this
    let value: WireValue = null
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_2) value = this.anyValue(depth)
      else reader.skip(tag & 7)
    }
    return value
  }

  private anyValue(depth: number): WireValue {
    const { reader, filter } = this
    const outer = reader.enter()
    let value: WireValue = null
    if (depth > filter.maxDepth) this.flaw = 'nested_too_deep'
    else
      while (reader.hasMore()) {
        const tag = reader.tag()
        if (tag === FIELD_1) value = reader.text(filter.maxTextChars)
        else if (tag === varint(2)) value = reader.bool()
        else if (tag === varint(3)) value = reader.int64()
        else if (tag === fixed64(4)) value = reader.double()
        else if (tag === len(5)) value = this.array(depth)
        else if (tag === len(6)) value = this.kvlist(depth)
        else if (tag === len(7)) value = reader.base64(filter.maxTextChars)
        else reader.skip(tag & 7)
      }
    reader.leave(outer)
    return value
  }

  private array(depth: number): WireValue[] {
    const { reader } = this
    const items: WireValue[] = []
    const outer = reader.enter()
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_1 && items.length < this.filter.maxItems) items.push(this.anyValue(depth + 1))
      else reader.skip(tag & 7)
    }
    reader.leave(outer)
    return items
  }

  private kvlist(depth: number): Attributes {
    const { reader } = this
    const entries: Attributes = new Map()
    const outer = reader.enter()
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (tag === FIELD_1) this.keyValue(entries, keepAll, depth)
      else reader.skip(tag & 7)
    }
    reader.leave(outer)
    return entries
  }
}

const keepAll: Keep = () => 'keep'
