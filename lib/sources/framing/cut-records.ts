/** Bytes of one record as they stand in a file, or that there was one too long to hold. `line` is where it begins, 1-based. */
export type Slice =
  | { readonly line: number; readonly bytes: Uint8Array }
  | { readonly line: number; readonly isTooLong: true }

/** Cuts a file into slices while it streams. Any cutting of the bytes gives the same slices. */
export interface Cutter {
  push(chunk: Uint8Array): Slice[]
  end(): Slice[]
}

const LF = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** White space, commas and brackets of an array stand between records. */
const BETWEEN: ReadonlySet<number> = new Set([LF, 0x0d, 0x20, 0x09, 0x2c, OPEN_ARRAY, CLOSE_ARRAY])
const BOM = [0xef, 0xbb, 0xbf] as const
/** What a file of one object holds its records in: CloudTrail, Azure, CloudWatch, Cloud Logging. */
const ENVELOPE = /^\{\s*"(?:Records|records|logEvents|entries)"\s*:\s*\[$/
const MOST_ENVELOPE_BYTES = 128

/**
 * Cuts a file of JSON into its records without reading them: NDJSON, arrays, concatenated objects, objects over many lines, and
 * the lists that clouds wrap their records in. It agrees with `JsonRecordSplitter` on where a record ends, so that slices
 * sent apart, a line each, are read as the whole file would be; what is no JSON is handed on for the server to refuse.
 */
export class JsonCutter implements Cutter {
  private readonly out: Slice[] = []
  /** What is held of the slice that has begun, before the current chunk. */
  private parts: Uint8Array[] = []
  private heldBytes = 0
  private state: 'between' | 'record' | 'garbage' = 'between'
  private depth = 0
  private isInString = false
  private isEscaped = false
  /** Within a record: 1 after a line feed, 2 after a line feed and `{`. */
  private afterLf = 0
  private isTooLong = false
  private isFirst = true
  /** Nothing but a byte order mark was seen. */
  private isAtStart = true
  private bomBytes = 0
  private isInEnvelope = false
  private line = 1
  private startLine = 1

  constructor(private readonly maxBytes: number) {}

  push(chunk: Uint8Array): Slice[] {
    let from = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0
      if (this.state === 'between') {
        if (this.begin(byte)) from = at
      } else if (this.state === 'garbage') {
        if (byte === LF) this.emit(chunk.subarray(from, at))
      } else from = this.inRecord(chunk, from, at, byte)
      if (byte === LF) this.line += 1
    }
    if (this.state !== 'between') this.hold(chunk.subarray(from))
    return this.out.splice(0)
  }

  end(): Slice[] {
    if (this.state !== 'between') this.emit(new Uint8Array())
    return this.out.splice(0)
  }

  /** True where a slice begins with this byte. */
  private begin(byte: number): boolean {
    if (byte === BOM[this.bomBytes] && this.isAtStart) {
      this.bomBytes += 1
      return false
    }
    this.isAtStart = false
    if (BETWEEN.has(byte) || (byte === CLOSE_OBJECT && this.isInEnvelope)) return false
    this.state = byte === OPEN_OBJECT ? 'record' : 'garbage'
    this.startLine = this.line
    this.depth = byte === OPEN_OBJECT ? 1 : 0
    this.afterLf = 0
    return true
  }

  /** One byte of a record; answers where its slice begins in the chunk. */
  private inRecord(chunk: Uint8Array, from: number, at: number, byte: number): number {
    const afterLf = this.afterLf
    this.afterLf = 0
    if (afterLf === 2 && byte === QUOTE) return this.startAfresh(chunk, from, at)
    if (byte === LF) {
      // A raw line feed inside a string is not JSON: the line was cut off.
      if (this.isInString) {
        this.emit(chunk.subarray(from, at))
        return at
      }
      this.afterLf = 1
    } else if (this.isEscaped) this.isEscaped = false
    else if (this.isInString) {
      if (byte === BACKSLASH) this.isEscaped = true
      else if (byte === QUOTE) this.isInString = false
    } else if (byte === QUOTE) this.isInString = true
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      this.depth += 1
      if (byte === OPEN_OBJECT && afterLf === 1) this.afterLf = 2
      if (byte === OPEN_ARRAY && this.isFirst && this.depth === 2) return this.openEnvelope(chunk, from, at)
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      this.depth -= 1
      if (this.depth === 0) this.emit(chunk.subarray(from, at + 1))
    }
    return from
  }

  /** `{"` in column 0 is a new record: the one before it was cut off. */
  private startAfresh(chunk: Uint8Array, from: number, at: number): number {
    const all = Buffer.concat([...this.parts, chunk.subarray(from, at + 1)])
    this.parts = []
    this.heldBytes = 0
    // Without its line feed, and without the two bytes of the next one.
    this.emit(this.isTooLong ? new Uint8Array() : all.subarray(0, all.length - 3))
    this.state = 'record'
    this.startLine = this.line
    this.depth = 1
    this.isInString = true
    this.hold(Buffer.from('{"'))
    return at + 1
  }

  private openEnvelope(chunk: Uint8Array, from: number, at: number): number {
    this.isFirst = false
    if (this.heldBytes + at + 1 - from > MOST_ENVELOPE_BYTES) return from
    const text = Buffer.concat([...this.parts, chunk.subarray(from, at + 1)]).toString('utf8')
    if (!ENVELOPE.test(text)) return from
    this.isInEnvelope = true
    this.reset()
    return at
  }

  private hold(bytes: Uint8Array): void {
    this.heldBytes += bytes.length
    if (this.heldBytes > this.maxBytes) {
      this.isTooLong = true
      this.parts = []
    } else if (bytes.length > 0) this.parts.push(Uint8Array.from(bytes))
  }

  private emit(last: Uint8Array): void {
    const { startLine: line } = this
    if (this.isTooLong || this.heldBytes + last.length > this.maxBytes) this.out.push({ line, isTooLong: true })
    else this.out.push({ line, bytes: Buffer.concat([...this.parts, last]) })
    this.isFirst = false
    this.reset()
  }

  private reset(): void {
    this.parts = []
    this.heldBytes = 0
    this.state = 'between'
    this.depth = 0
    this.isInString = false
    this.isEscaped = false
    this.afterLf = 0
    this.isTooLong = false
  }
}

/** Cuts a file of text at its line ends; empty lines are left out. */
export class LineCutter implements Cutter {
  private parts: Uint8Array[] = []
  private heldBytes = 0
  private line = 1

  constructor(private readonly maxBytes: number) {}

  push(chunk: Uint8Array): Slice[] {
    const out: Slice[] = []
    let from = 0
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      this.finish(chunk.subarray(from, at), out)
      this.line += 1
      from = at + 1
    }
    this.heldBytes += chunk.length - from
    if (this.heldBytes > this.maxBytes) this.parts = []
    else if (from < chunk.length) this.parts.push(Uint8Array.from(chunk.subarray(from)))
    return out
  }

  end(): Slice[] {
    const out: Slice[] = []
    this.finish(new Uint8Array(), out)
    return out
  }

  private finish(last: Uint8Array, out: Slice[]): void {
    const size = this.heldBytes + last.length
    if (size > this.maxBytes) out.push({ line: this.line, isTooLong: true })
    else if (size > 0) out.push({ line: this.line, bytes: Buffer.concat([...this.parts, last]) })
    this.parts = []
    this.heldBytes = 0
  }
}
