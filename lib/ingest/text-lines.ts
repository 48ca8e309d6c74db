const LF = 0x0a
/** More of one line is never kept; every format of lines refuses far shorter ones. */
const MOST_BYTES = 64 * 1024

/** Cuts a body of text into lines while it streams. A line that is too long is handed on cut, for its decoder to refuse. */
export class TextLineSplitter {
  private rest: Buffer = Buffer.alloc(0)
  private isSkipping = false
  private line = 0

  constructor(private readonly onLine: (line: string, n: number) => void) {}

  push(chunk: Uint8Array): void {
    const bytes = Buffer.concat([this.rest, chunk])
    let from = 0
    for (let end = bytes.indexOf(LF, from); end >= 0; end = bytes.indexOf(LF, from)) {
      this.finish(bytes.subarray(from, end))
      from = end + 1
    }
    this.rest = bytes.subarray(from)
    if (this.rest.length <= MOST_BYTES) return
    if (!this.isSkipping) this.emit(this.rest.subarray(0, MOST_BYTES))
    this.isSkipping = true
    this.rest = Buffer.alloc(0)
  }

  end(): void {
    if (this.rest.length > 0) this.finish(this.rest)
    this.rest = Buffer.alloc(0)
  }

  private finish(line: Uint8Array): void {
    if (!this.isSkipping) this.emit(line)
    this.isSkipping = false
  }

  private emit(line: Uint8Array): void {
    this.line += 1
    this.onLine(Buffer.from(line).toString('utf8').replace(/\r$/, ''), this.line)
  }
}
