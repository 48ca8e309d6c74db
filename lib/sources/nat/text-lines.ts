/** A line of a text body, without its end; numbers count from 1. An overlong line is cut at the limit plus one character. */
export interface TextLine {
  readonly n: number
  readonly text: string
}

/**
 * Cuts a body into lines while it streams. Keeps at most `maxLineBytes` + 1 bytes of a line, so that the decoder can see
 * that it is too long, and nothing grows with a body that has no line ends. Bytes that are no UTF-8 become U+FFFD.
 */
export class TextLineSplitter {
  private pending: Buffer[] = []
  private pendingBytes = 0
  private n = 0

  constructor(private readonly limits: { readonly maxLineBytes: number }) {}

  push(chunk: Uint8Array): TextLine[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const lines: TextLine[] = []
    let from = 0
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
      this.keep(bytes.subarray(from, end))
      lines.push(this.take())
      from = end + 1
    }
    this.keep(bytes.subarray(from))
    return lines
  }

  /** Closes the body: what stands after the last line end is a line too. */
  end(): TextLine[] {
    return this.pendingBytes > 0 ? [this.take()] : []
  }

  private keep(part: Buffer): void {
    const room = this.limits.maxLineBytes + 1 - this.pendingBytes
    if (part.length === 0 || room <= 0) return
    // A copy: the chunk's memory belongs to the stream.
    this.pending.push(Buffer.from(part.subarray(0, room)))
    this.pendingBytes += Math.min(part.length, room)
  }

  private take(): TextLine {
    const text = Buffer.concat(this.pending).toString('utf8').replace(/\r$/, '')
    this.pending = []
    this.pendingBytes = 0
    this.n += 1
    return { n: this.n, text }
  }
}

const LF = 0x0a
