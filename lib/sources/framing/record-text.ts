import { isAscii } from 'node:buffer'

/** Bytes that are made a text together: few conversions, and small enough to stay in the processor's cache. */
const WINDOW_BYTES = 64 * 1024
/** Longer records are not offered as text. */
export const TEXT_BYTES = 16 * 1024
const LF = '\n'

/**
 * The text of records as slices of larger texts, made window by window. Only plain ASCII is offered, where the n-th character is
 * the n-th byte.
 */
export class RecordText {
  /** From where it was asked for to the end of its line, or as far as is needed. */
  text = ''
  /** The text ends with its line, or with the bytes. */
  isWhole = false
  private bytes: Buffer | undefined
  private start = 0
  private end = 0
  private window = ''
  private isPlain = false
  /** The next line feed at or after where it was last asked for; `end` for none. */
  private lineFeed = -1

  /** Sets `text` to what begins at `from`; false where that is no plain ASCII. */
  take(bytes: Buffer, from: number): boolean {
    const isInside =
      this.bytes === bytes && from >= this.start && (from + TEXT_BYTES <= this.end || this.end === bytes.length)
    if (!isInside) this.open(bytes, from)
    if (this.lineFeed < from) {
      const at = this.window.indexOf(LF, from - this.start)
      this.lineFeed = at < 0 ? this.end : this.start + at
    }
    const to = Math.min(this.lineFeed, from + TEXT_BYTES)
    if (!this.isPlain && !isAscii(bytes.subarray(from, to))) return false
    this.text = this.window.slice(from - this.start, to - this.start)
    this.isWhole = to === this.lineFeed && to < this.end
    return true
  }

  /** Forgets the bytes: their text would be kept with it. */
  close(): void {
    this.bytes = undefined
    this.window = ''
    this.text = ''
    this.start = 0
    this.end = 0
    this.lineFeed = -1
  }

  private open(bytes: Buffer, from: number): void {
    this.bytes = bytes
    this.start = from
    this.end = Math.min(bytes.length, from + WINDOW_BYTES)
    this.isPlain = isAscii(bytes.subarray(from, this.end))
    this.window = bytes.toString('latin1', from, this.end)
    this.lineFeed = -1
  }
}
