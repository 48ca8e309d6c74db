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
import { ProtobufReader, WIRE_FIXED64, WIRE_LEN, WIRE_VARINT } from './protobuf-reader'

const len = (field: number): number => (field << 3) | WIRE_LEN
const FIELD_1 = len(1)
const FIELD_2 = len(2)
const MAX_KEY_CHARS = 256

/**
 * Reads an ExportLogsServiceRequest (opentelemetry-proto v1.11, collector/logs/v1/logs_service.proto) and hands every record
 * to the sink. Throws AppError `bad_request` where the bytes are not protobuf; a record that is too large or nested too deep is
 * handed on with its flaw, unread.
 */
export function readLogsProtobuf(body: Uint8Array, bounds: LogBounds, sink: LogSink): void {
  const reader = new ProtobufReader(body)
  while (reader.hasMore()) {
    const tag = reader.tag()
    if (tag === FIELD_1) new ResourceLogsReader(reader, bounds, sink).read()
    else reader.skip(tag & 7)
  }
}

class ResourceLogsReader {
  private flaw: LogFlaw | undefined

  constructor(
    private readonly reader: ProtobufReader,
    private readonly bounds: LogBounds,
    private readonly sink: LogSink,
  ) {}

  /** Fields may come in any order, so the resource is read in a first pass that steps over the records. */
  read(): void {
    const { reader } = this
    const outer = reader.enter()
    const start = reader.pos
    const resource: Record<string, PlainValue> = {}
    this.fields((tag) => tag === FIELD_1 && this.message((inner) => inner === FIELD_1 && this.keyValue(resource, 0)))
    reader.pos = start
    this.fields((tag) => tag === FIELD_2 && this.scopeLogs(resource))
    reader.leave(outer)
  }

  private scopeLogs(resource: PlainRecord): true {
    return this.message((tag) => {
      if (tag !== FIELD_2) return false
      this.sink.log(this.log(), resource)
      return true
    })
  }

  private log(): WireLog {
    const { reader, bounds } = this
    this.flaw = undefined
    let body: PlainValue = null
    const attributes: Record<string, PlainValue> = {}
    const outer = reader.enter()
    if (reader.remaining() > bounds.maxBytes) this.flaw = 'line_too_long'
    else
      this.fields((tag) => {
        // Field 1 of a log record is its time; of a span the trace id, of a metric its name.
        if (tag === FIELD_1) this.flaw = 'not_a_log'
        else if (tag === len(5)) {
          body = this.anyValue(1)
          return true
        } else if (tag === len(6)) return this.keyValue(attributes, 0)
        return false
      })
    reader.leave(outer)
    return { body, attributes, ...(this.flaw && { flaw: this.flaw }) }
  }

  /** Hands each field's tag to `take`, which answers whether it has read the field. */
  private fields(take: (tag: number) => boolean): void {
    const { reader } = this
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (!take(tag)) reader.skip(tag & 7)
    }
  }

  private message(take: (tag: number) => boolean): true {
    const outer = this.reader.enter()
    this.fields(take)
    this.reader.leave(outer)
    return true
  }

  private keyValue(into: Record<string, PlainValue>, depth: number): true {
    let key = ''
    let value: PlainValue = null
    this.message((tag) => {
      if (tag === FIELD_1) key = this.reader.text(MAX_KEY_CHARS)
      else if (tag === FIELD_2) value = this.anyValue(depth + 1)
      else return false
      return true
    })
    putPlain(into, key, value)
    return true
  }

  private anyValue(depth: number): PlainValue {
    const { reader, bounds } = this
    let value: PlainValue = null
    const outer = reader.enter()
    if (depth > bounds.maxDepth) this.flaw = 'nested_too_deep'
    else
      this.fields((tag) => {
        if (tag === FIELD_1) value = reader.text(bounds.maxBytes)
        else if (tag === ((2 << 3) | WIRE_VARINT)) value = reader.bool()
        else if (tag === ((3 << 3) | WIRE_VARINT)) value = plainInteger(reader.int64())
        else if (tag === ((4 << 3) | WIRE_FIXED64)) value = reader.double()
        else if (tag === len(5)) value = this.array(depth)
        else if (tag === len(6)) value = this.kvlist(depth)
        // Bytes are taken for text in UTF-8: what a shipper did not decode is JSON all the same.
        else if (tag === len(7)) value = reader.text(bounds.maxBytes)
        else return false
        return true
      })
    reader.leave(outer)
    return value
  }

  private array(depth: number): PlainValue[] {
    const items: PlainValue[] = []
    this.message((tag) => {
      if (tag !== FIELD_1) return false
      items.push(this.anyValue(depth + 1))
      return true
    })
    return items
  }

  private kvlist(depth: number): PlainRecord {
    const entries: Record<string, PlainValue> = {}
    this.message((tag) => tag === FIELD_1 && this.keyValue(entries, depth))
    return entries
  }
}
