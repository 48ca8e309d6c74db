import type { RecordReject, RejectReason } from '@/lib/model/decoded'
import { RecordText, TEXT_BYTES } from './record-text'

export interface FramingLimits {
  /** A longer record is refused alone. */
  readonly maxRecordBytes: number
  readonly maxDepth: number
  /** Names the dialect of a line that is no JSON, where the source knows it: it is then refused by that name. */
  readonly recogniseText?: (line: string) => string | undefined
  /**
   * Names of a first member whose list holds the records (`{"Records":[…]}`): it is opened as framing, so that a file of one such
   * object may be larger than one record. Members after the list are refused as one record that is no JSON.
   */
  readonly envelopes?: readonly string[]
}

export type FramedRecord =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly reject: RecordReject }

/** Where records go, in the order of the body. */
export interface RecordSink {
  push(record: FramedRecord): void
}

/**
 * Reads records of a well-known shape from their text, without JSON.parse. `text` is plain ASCII without line feeds: the bytes from
 * `from` on. Answers how many of them are the record that begins there, once it has taken the record; 0 where it is of any other
 * shape, not JSON, or not all there: then it has done nothing. What it takes is nested no deeper than `TAKEN_DEPTH`.
 */
export type ReadRecord = (bytes: Buffer, from: number, text: string, line: number) => number
export const TAKEN_DEPTH = 16
/** After so many records in a row that were not taken, only every so many-th is offered: their text is not what the reader knows. */
const PATIENCE = 32

const LF = 0x0a
const CR = 0x0d
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** Where the line that lies across two chunks is looked for. */
const SEAM_BYTES = 16 * 1024
/** The start of an envelope, generously: brace, blanks, name, blanks, bracket. */
const ENVELOPE_BYTES = 128
const BOM = [0xef, 0xbb, 0xbf] as const

/**
 * Cuts a body into JSON records while it streams: NDJSON, a JSON array of objects, concatenated objects, or a single
 * object over many lines. Lines count from 1. A bad record is one reject and never touches its neighbours: after garbage
 * the next line that begins with `{` starts afresh. Cost: one pass over the bytes, and JSON.parse per record.
 */
export class JsonRecordSplitter {
  private rest: Buffer = Buffer.alloc(0)
  /** Bytes of `rest` already scanned. */
  private scanned = 0
  private depth = 0
  private deepest = 0
  private isInString = false
  private isEscaped = false
  private start = -1
  private line = 1
  private startLine = 1
  private isFirstChunk = true
  private isOverlong = false
  /** What comes next decides what stands here. */
  private isWaiting = false
  private hasEnded = false
  /** Envelopes that are open: their closing braces are framing. */
  private openEnvelopes = 0
  private readonly envelope: RegExp | undefined
  private readonly text = new RecordText()
  private refusals = 0

  /** `read` is offered each record first; it may be given where `limits` let records be as large and deep as it takes them. */
  constructor(
    private readonly limits: FramingLimits,
    private readonly read?: ReadRecord,
  ) {
    if (read && (limits.maxRecordBytes < TEXT_BYTES || limits.maxDepth < TAKEN_DEPTH))
      throw new RangeError('a reader takes records that these limits refuse')
    const names = limits.envelopes ?? []
    this.envelope = names.length > 0 ? new RegExp(`^\\{\\s*"(?:${names.join('|')})"\\s*:\\s*\\[`) : undefined
  }

  push(chunk: Uint8Array): FramedRecord[] {
    const out: FramedRecord[] = []
    this.feed(chunk, out)
    return out
  }

  /** Closes the body: an unfinished record is one reject. */
  end(): FramedRecord[] {
    const out: FramedRecord[] = []
    this.finish(out)
    return out
  }

  /** `push`, for records that are taken one by one. */
  feed(chunk: Uint8Array, out: RecordSink): void {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (this.rest.length > 0 && !this.isFirstChunk && bytes.length > 2 * SEAM_BYTES) {
      // The record that lies across the seam is put together with its line alone, not with the whole chunk.
      const lineEnd = bytes.subarray(0, SEAM_BYTES).indexOf(LF)
      if (lineEnd >= 0) {
        this.rest = Buffer.concat([this.rest, bytes.subarray(0, lineEnd + 1)])
        this.scan(out)
        bytes = bytes.subarray(lineEnd + 1)
      }
    }
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes])
    if (this.isFirstChunk && this.rest.length >= 3) {
      this.isFirstChunk = false
      if (BOM.every((byte, index) => this.rest[index] === byte)) this.rest = this.rest.subarray(3)
    }
    this.scan(out)
  }

  /** `end`, for records that are taken one by one. */
  finish(out: RecordSink): void {
    this.hasEnded = true
    this.scan(out)
    if (this.isOverlong) out.push(rejected(this.startLine, 'line_too_long'))
    else if (this.start >= 0) out.push(rejected(this.startLine, 'not_json', 'the record is cut off'))
    this.rest = Buffer.alloc(0)
    this.text.close()
  }

  private scan(out: RecordSink): void {
    const bytes = this.rest
    let at = this.scanned
    this.isWaiting = false
    while (at < bytes.length && !this.isWaiting)
      at = this.start < 0 ? this.seekRecord(bytes, at, out) : this.seekEnd(bytes, at, out)
    const keepFrom = this.start >= 0 ? this.start : at
    if (this.start >= 0 && bytes.length - this.start > this.limits.maxRecordBytes) this.isOverlong = true
    this.rest = bytes.subarray(keepFrom)
    this.scanned = at - keepFrom
    if (this.start >= 0) this.start = 0
    if (this.isOverlong && this.start >= 0) {
      // Keep no more of it: only its end is looked for.
      this.rest = bytes.subarray(at)
      this.scanned = 0
      this.start = 0
    }
  }

  /** Between records: white space, commas and array brackets are framing; `{` opens a record; anything else is garbage. */
  private seekRecord(bytes: Buffer, from: number, out: RecordSink): number {
    const byte = bytes[from]
    if (byte === CLOSE_OBJECT && this.openEnvelopes > 0) {
      this.openEnvelopes -= 1
      return from + 1
    }
    if (byte === OPEN_OBJECT) {
      const opened = this.openEnvelope(bytes, from)
      if (opened !== undefined) return opened
      const taken = this.read ? this.offer(this.read, bytes, from) : 0
      if (taken > 0 || this.isWaiting) return from + taken
      this.start = from
      this.startLine = this.line
      this.depth = 0
      this.deepest = 0
      return from
    }
    if (byte === LF) this.line += 1
    if (
      byte === LF ||
      byte === CR ||
      byte === 0x20 ||
      byte === 0x09 ||
      byte === COMMA ||
      byte === OPEN_ARRAY ||
      byte === CLOSE_ARRAY
    )
      return from + 1
    const lineEnd = bytes.indexOf(LF, from)
    // Garbage without a line end yet waits for it, so that it is one reject however the body is cut.
    if (lineEnd < 0 && !this.hasEnded && bytes.length - from <= this.limits.maxRecordBytes) {
      this.isWaiting = true
      return from
    }
    out.push(this.classifyGarbage(bytes.subarray(from, lineEnd < 0 ? bytes.length : lineEnd)))
    return lineEnd < 0 ? bytes.length : lineEnd
  }

  /** How many bytes the reader took; 0 where the record must be parsed, or what is here of it does not tell (`isWaiting`). */
  private offer(read: ReadRecord, bytes: Buffer, from: number): number {
    if (this.refusals >= PATIENCE && this.refusals % PATIENCE !== 0) {
      this.refusals += 1
      return 0
    }
    const isText = this.text.take(bytes, from)
    if (isText && !this.text.isWhole && bytes.length - from < TEXT_BYTES && !this.hasEnded) {
      this.isWaiting = true
      return 0
    }
    const taken = isText ? read(bytes, from, this.text.text, this.line) : 0
    this.refusals = taken > 0 ? 0 : this.refusals + 1
    return taken
  }

  /** Where an envelope's list begins; `from` itself while too little of it is here to tell; undefined where it is none. */
  private openEnvelope(bytes: Buffer, from: number): number | undefined {
    if (!this.envelope) return undefined
    if (bytes.length - from < ENVELOPE_BYTES && !this.hasEnded) {
      this.isWaiting = true
      return from
    }
    const opening = this.envelope.exec(bytes.toString('latin1', from, from + ENVELOPE_BYTES))?.[0]
    if (!opening) return undefined
    this.openEnvelopes += 1
    this.line += opening.split('\n').length - 1
    return from + opening.length
  }

  private classifyGarbage(bytes: Buffer): FramedRecord {
    const text = bytes.toString('utf8').trim()
    const dialect = this.limits.recogniseText?.(text)
    if (dialect) return rejected(this.line, 'unsupported_dialect', dialect)
    try {
      JSON.parse(text)
      return rejected(this.line, 'not_an_object')
    } catch {
      return rejected(this.line, 'not_json')
    }
  }

  private seekEnd(bytes: Buffer, from: number, out: RecordSink): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at]
      if (byte === LF) {
        if (at + 2 >= bytes.length && !this.hasEnded) {
          this.isWaiting = true
          return at
        }
        this.line += 1
        // A raw line feed inside a string is not JSON: the line was cut off; the next one starts afresh.
        if (this.isInString || this.nextLineOpensRecord(bytes, at)) return this.abandon(at, out)
      } else if (this.isEscaped) this.isEscaped = false
      else if (this.isInString) {
        if (byte === BACKSLASH) this.isEscaped = true
        else if (byte === QUOTE) this.isInString = false
      } else if (byte === QUOTE) this.isInString = true
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.deepest = Math.max(this.deepest, ++this.depth)
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --this.depth === 0)
        return this.finishRecord(bytes, at + 1, out)
    }
    return bytes.length
  }

  /** A record that spans lines is pretty-printed, so its inner lines are indented; `{"` in column 0 is a new record. */
  private nextLineOpensRecord(bytes: Buffer, lf: number): boolean {
    return bytes[lf + 1] === OPEN_OBJECT && bytes[lf + 2] === QUOTE
  }

  private abandon(at: number, out: RecordSink): number {
    out.push(
      rejected(
        this.startLine,
        this.isOverlong || at - this.start > this.limits.maxRecordBytes ? 'line_too_long' : 'not_json',
        'the record is cut off at the end of its line',
      ),
    )
    this.reset()
    return at + 1
  }

  private finishRecord(bytes: Buffer, end: number, out: RecordSink): number {
    const record = bytes.subarray(this.start, end)
    if (this.isOverlong || record.length > this.limits.maxRecordBytes)
      out.push(rejected(this.startLine, 'line_too_long'))
    else if (this.deepest > this.limits.maxDepth) out.push(rejected(this.startLine, 'nested_too_deep'))
    else out.push(parse(record.toString('utf8'), this.startLine))
    this.reset()
    return end
  }

  private reset(): void {
    this.start = -1
    this.depth = 0
    this.isInString = false
    this.isEscaped = false
    this.isOverlong = false
  }
}

function parse(text: string, line: number): FramedRecord {
  try {
    return { line, value: JSON.parse(text) }
  } catch (error) {
    return rejected(line, 'not_json', error instanceof Error ? error.message : undefined)
  }
}

const rejected = (line: number, reason: RejectReason, detail?: string): FramedRecord => ({
  line,
  reject: { line, reason, ...(detail && { detail: detail.slice(0, 120).replace(/[\p{Cc}\p{Cs}]/gu, ' ') }) },
})
