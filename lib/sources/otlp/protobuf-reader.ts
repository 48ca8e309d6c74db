import { AppError } from '@/lib/errors'

const utf8 = new TextDecoder('utf-8')
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export const WIRE_VARINT = 0
export const WIRE_FIXED64 = 1
export const WIRE_LEN = 2
export const WIRE_FIXED32 = 5

/**
 * Reads the protobuf wire format. Every length is checked against the message around it, so a corrupt body can neither
 * read past its end nor lose data silently: it throws AppError `bad_request`. Groups (wire types 3 and 4), which no OTLP
 * message has, are refused. https://protobuf.dev/programming-guides/encoding/ (read 2026-10)
 */
export class ProtobufReader {
  pos = 0
  private limit: number
  private readonly view: DataView

  constructor(private readonly bytes: Uint8Array) {
    this.limit = bytes.length
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Whether the current message has another field. */
  hasMore(): boolean {
    return this.pos < this.limit
  }

  /** Bytes of the current message that are not read yet. */
  remaining(): number {
    return this.limit - this.pos
  }

  /** Field number and wire type: `number << 3 | type`. */
  tag(): number {
    const value = this.varint32('a field tag')
    if (value >>> 3 === 0) throw this.corrupt('field number 0')
    return value
  }

  /** Enters a length-delimited message; hand the result, the limit of the message around it, to `leave`. */
  enter(): number {
    const end = this.length()
    const outer = this.limit
    this.limit = end
    return outer
  }

  /** Leaves the message that was entered, whatever of it was read. */
  leave(outer: number): void {
    this.pos = this.limit
    this.limit = outer
  }

  /** End of the length-delimited value that starts here. */
  private length(): number {
    const length = this.varint32('a length')
    const end = this.pos + length
    if (length > 0x7fffffff || end > this.limit) throw this.corrupt('a length that leaves its message')
    return end
  }

  skip(wireType: number): void {
    if (wireType === WIRE_VARINT) this.skipVarint()
    else if (wireType === WIRE_FIXED64) this.advance(8)
    else if (wireType === WIRE_LEN) this.pos = this.length()
    else if (wireType === WIRE_FIXED32) this.advance(4)
    else throw this.corrupt(`wire type ${wireType}`)
  }

  /** Text of at most `maxChars` UTF-16 units; invalid UTF-8 is replaced, not refused. */
  text(maxChars: number): string {
    const end = this.length()
    // A UTF-16 unit takes at most three bytes of UTF-8.
    const part = this.bytes.subarray(this.pos, Math.min(end, this.pos + maxChars * 3 + 3))
    this.pos = end
    const text = utf8.decode(part)
    return text.length > maxChars ? text.slice(0, maxChars) : text
  }

  /** Bytes as lower-case hex; of more than `maxBytes` only the first ones. */
  hex(maxBytes: number): string {
    const end = this.length()
    let text = ''
    for (let at = this.pos; at < Math.min(end, this.pos + maxBytes); at += 1) text += HEX[this.bytes[at] ?? 0]
    this.pos = end
    return text
  }

  /** Bytes as base64, cut to `maxChars`. */
  base64(maxChars: number): string {
    const end = this.length()
    const part = this.bytes.subarray(this.pos, Math.min(end, this.pos + maxChars))
    this.pos = end
    return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64').slice(0, maxChars)
  }

  bool(): boolean {
    return this.varint64() !== 0n
  }

  /** int32 and enums. */
  int32(): number {
    return Number(BigInt.asIntN(32, this.varint64()))
  }

  /** int64: a number where that is exact, else a bigint. */
  int64(): number | bigint {
    const value = BigInt.asIntN(64, this.varint64())
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  fixed64(): bigint {
    const at = this.advance(8)
    return this.view.getBigUint64(at, true)
  }

  double(): number {
    const at = this.advance(8)
    return this.view.getFloat64(at, true)
  }

  corrupt(what: string): AppError {
    return new AppError('bad_request', `The protobuf body is corrupt at byte ${this.pos}: ${what}.`, {
      hint: 'Send an export request as an OTLP exporter writes it; check for proxies that cut or re-encode bodies.',
    })
  }

  private advance(count: number): number {
    const at = this.pos
    if (at + count > this.limit) throw this.corrupt('a value that leaves its message')
    this.pos = at + count
    return at
  }

  private varint32(what: string): number {
    const start = this.pos
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.pos >= this.limit) throw this.corrupt(`${what} that is cut off`)
      const byte = this.bytes[this.pos] ?? 0
      this.pos += 1
      value = (value | ((byte & 0x7f) << shift)) >>> 0
      if (byte < 0x80) {
        if (shift === 28 && byte > 0x0f) break
        return value
      }
    }
    this.pos = start
    throw this.corrupt(`${what} of more than 32 bits`)
  }

  private varint64(): bigint {
    let low = 0
    let high = 0
    for (let index = 0; index < 10; index += 1) {
      if (this.pos >= this.limit) throw this.corrupt('a number that is cut off')
      const byte = this.bytes[this.pos] ?? 0
      this.pos += 1
      const bits = byte & 0x7f
      if (index < 4) low = (low | (bits << (index * 7))) >>> 0
      else if (index === 4) {
        low = (low | (bits << 28)) >>> 0
        high = bits >>> 4
      } else high = (high | (bits << (index * 7 - 32))) >>> 0
      if (byte < 0x80) return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low)
    }
    throw this.corrupt('a number of more than 64 bits')
  }

  private skipVarint(): void {
    for (let index = 0; index < 10; index += 1) {
      if (this.pos >= this.limit) throw this.corrupt('a number that is cut off')
      const byte = this.bytes[this.pos] ?? 0
      this.pos += 1
      if (byte < 0x80) return
    }
    throw this.corrupt('a number of more than 64 bits')
  }
}
