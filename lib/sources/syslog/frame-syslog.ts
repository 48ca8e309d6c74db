/** One message as it stood on the wire, without its framing. */
export type FramedMessage =
  | { readonly bytes: Uint8Array }
  /** A longer one than the limit: its bytes were passed over. */
  | { readonly isTooLong: true }
  /** What follows cannot be told apart any more: the connection is of no further use. */
  | { readonly broken: string }

const LF = 0x0a
const CR = 0x0d
const NUL = 0x00
const SPACE = 0x20
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
const LESS = 0x3c
const OPEN_OBJECT = 0x7b
/** More digits than any length that could be meant. */
const MOST_DIGITS = 10
/** A message that is longer than this many times the limit is no message: its count lies. */
const MOST_TIMES_LIMIT = 16
const FIRST_ROOM = 4096
const KEPT_ROOM = 128 * 1024

/**
 * Cuts the bytes of one connection into messages: octet-counted (RFC 6587 §3.4.1) or ended by LF (§3.4.2), told apart for
 * each message. Any cutting of the bytes gives the same messages. Holds at most one unfinished message, and costs one pass
 * over the bytes. After `broken` everything is ignored. Never throws.
 */
export class SyslogFramer {
  private buffer: Buffer = Buffer.alloc(FIRST_ROOM)
  /** What is held: `[start, end)`; up to `scanned` no LF was found. */
  private start = 0
  private end = 0
  private scanned = 0
  /** Bytes of an overlong counted message still to be passed over. */
  private toSkip = 0
  /** Within an overlong line, whose LF is looked for. */
  private isSkippingLine = false
  private wasCounted = false
  private isBroken = false

  constructor(private readonly maxBytes: number) {}

  push(chunk: Uint8Array): FramedMessage[] {
    const out: FramedMessage[] = []
    let rest = chunk
    // In pieces, so that a chunk of any size finds the buffer bounded.
    while (rest.length > 0 && !this.isBroken) {
      rest = rest.subarray(this.take(rest))
      this.scan(out, false)
    }
    return out
  }

  /** The connection is closed: what is left is a last line, or a message that was cut off. */
  finish(): FramedMessage[] {
    const out: FramedMessage[] = []
    if (this.isBroken) return out
    this.scan(out, true)
    const rest = this.held()
    // What was just told to be broken is told.
    if (!this.isBroken && this.toSkip === 0 && !this.isSkippingLine && rest.length > 0)
      out.push({ bytes: Buffer.from(rest) })
    this.isBroken = true
    return out
  }

  /** Bytes that wait for the rest of their message. */
  get heldBytes(): number {
    return this.end - this.start
  }

  private held(): Buffer {
    return this.buffer.subarray(this.start, this.end)
  }

  /** Takes as much of a chunk as there may be held; answers how much. */
  private take(chunk: Uint8Array): number {
    const most = this.maxBytes + FIRST_ROOM
    const size = Math.min(chunk.length, most - (this.end - this.start))
    if (this.end + size > this.buffer.length) this.makeRoom(size)
    this.buffer.set(chunk.subarray(0, size), this.end)
    this.end += size
    return size
  }

  /** Doubles, so that a message in many small chunks costs one copy of its bytes in all, and not one per chunk. */
  private makeRoom(size: number): void {
    const held = this.held()
    const needed = held.length + size
    const target = needed * 2 > this.buffer.length ? Buffer.alloc(Math.max(needed * 2, FIRST_ROOM)) : this.buffer
    held.copy(target, 0)
    this.buffer = target
    this.scanned -= this.start
    this.start = 0
    this.end = held.length
  }

  private scan(out: FramedMessage[], isEnd: boolean): void {
    while (!this.isBroken && this.next(out, isEnd));
    if (this.start === this.end) {
      // What one large message needed is not kept for a connection that is quiet.
      if (this.buffer.length > KEPT_ROOM) this.buffer = Buffer.alloc(FIRST_ROOM)
      this.start = 0
      this.end = 0
      this.scanned = 0
    }
  }

  /** One step forward; false where more bytes are needed. */
  private next(out: FramedMessage[], isEnd: boolean): boolean {
    if (this.toSkip > 0) {
      const size = Math.min(this.toSkip, this.end - this.start)
      this.toSkip -= size
      this.moveTo(this.start + size)
      return size > 0
    }
    if (this.isSkippingLine) return this.passLine()
    this.passSeparators()
    if (this.start === this.end) return false
    const counted = this.readCount(isEnd)
    if (counted === 'more') return false
    if (counted) return this.nextCounted(counted, out)
    if (this.wasCounted && !beginsMessage(this.buffer[this.start])) {
      this.isBroken = true
      out.push({ broken: 'the octet count of a message is wrong' })
      return false
    }
    return this.nextLine(out)
  }

  private passSeparators(): void {
    let at = this.start
    while (at < this.end && isSeparator(this.buffer[at])) at += 1
    this.moveTo(at)
  }

  private moveTo(at: number): void {
    this.start = at
    this.scanned = Math.max(this.scanned, at)
  }

  /** `123 <`: a length, a space, and the beginning of a message. Anything else is a line, whatever digits it begins with. */
  private readCount(isEnd: boolean): { readonly length: number; readonly from: number } | 'more' | undefined {
    let at = this.start
    while (at < this.end && at - this.start <= MOST_DIGITS && isDigit(this.buffer[at])) at += 1
    const digits = at - this.start
    if (digits === 0 || digits > MOST_DIGITS || this.buffer[this.start] === DIGIT_0) return undefined
    if (at + 1 >= this.end) {
      if (at < this.end && this.buffer[at] !== SPACE) return undefined
      return isEnd ? undefined : 'more'
    }
    if (this.buffer[at] !== SPACE || !beginsMessage(this.buffer[at + 1])) return undefined
    return { length: Number(this.buffer.toString('latin1', this.start, at)), from: at + 1 }
  }

  private nextCounted(
    { length, from }: { readonly length: number; readonly from: number },
    out: FramedMessage[],
  ): boolean {
    if (length > this.maxBytes * MOST_TIMES_LIMIT) {
      this.isBroken = true
      out.push({ broken: 'the octet count of a message is far beyond any message' })
      return false
    }
    if (length > this.maxBytes) {
      out.push({ isTooLong: true })
      this.toSkip = length
      this.wasCounted = true
      this.moveTo(from)
      return true
    }
    if (this.end - from < length) return false
    out.push({ bytes: Buffer.from(this.buffer.subarray(from, from + length)) })
    this.wasCounted = true
    this.moveTo(from + length)
    return true
  }

  private nextLine(out: FramedMessage[]): boolean {
    const lf = this.buffer.subarray(0, this.end).indexOf(LF, this.scanned)
    if (lf < 0) {
      this.scanned = this.end
      if (this.end - this.start <= this.maxBytes) return false
      this.isSkippingLine = true
      out.push({ isTooLong: true })
      return true
    }
    if (lf - this.start > this.maxBytes) out.push({ isTooLong: true })
    else out.push({ bytes: Buffer.from(this.buffer.subarray(this.start, lf)) })
    this.wasCounted = false
    this.moveTo(lf + 1)
    return true
  }

  private passLine(): boolean {
    const lf = this.buffer.subarray(0, this.end).indexOf(LF, this.start)
    if (lf < 0) {
      this.moveTo(this.end)
      return false
    }
    this.isSkippingLine = false
    this.wasCounted = false
    this.moveTo(lf + 1)
    return true
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9
/** A syslog header, or bare JSON. */
const beginsMessage = (byte: number | undefined): boolean => byte === LESS || byte === OPEN_OBJECT
const isSeparator = (byte: number | undefined): boolean => byte === LF || byte === CR || byte === NUL || byte === SPACE
