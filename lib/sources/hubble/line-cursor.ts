const QUOTE = 0x22
const COMMA = 0x2c
const ZERO = 0x30
const NINE = 0x39
const CLOSE = 0x7d
const DOT = 0x2e

/** The bytes of a text that is looked for. */
export const literal = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))

const TRUE = literal(':true')
const MINUTE = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:$/

/**
 * Steps over the text of one record, byte by byte: each step either passes what it names and moves on, or answers no and the record
 * is none that it knows. Every byte that it passes is compared, or belongs to a class that JSON allows in a string as it stands.
 */
export class LineCursor {
  /** Where the next step begins; counted in the bytes. */
  at = 0
  /** Of the last number passed. */
  number = 0
  /** Of the last instant passed, in ms. */
  timeMs = 0
  protected bytes: Buffer = Buffer.alloc(0)
  protected text = ''
  protected base = 0
  private minute = ''
  private minuteMs = Number.NaN

  /** The bytes from `base` on are the characters of `text`, as far as it goes. */
  protected open(bytes: Buffer, base: number, text: string): void {
    this.bytes = bytes
    this.base = base
    this.text = text
    this.at = base
  }

  protected slice(from: number, to: number): string {
    return this.text.slice(from - this.base, to - this.base)
  }

  /** The same as a text of its own. */
  protected copy(from: number, to: number): string {
    return this.bytes.toString('latin1', from, to)
  }

  /** Where the text next occurs, at `from` or later; -1 for nowhere. */
  protected find(what: string, from: number): number {
    const index = this.text.indexOf(what, from - this.base)
    return index < 0 ? -1 : index + this.base
  }

  passByte(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false
    this.at += 1
    return true
  }

  pass(what: Uint8Array): boolean {
    const { bytes, at } = this
    for (let index = 0; index < what.length; index += 1) if (bytes[at + index] !== what[index]) return false
    this.at = at + what.length
    return true
  }

  /** What is left of a string, with its closing quote: printable characters, no escapes. */
  passPlainText(): boolean {
    const { bytes } = this
    let at = this.at
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at])
      if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === 0x5c) return false
    this.at = at + 1
    return true
  }

  /** The same, of the characters of addresses and uuids: digits, ASCII letters, `.`, `:`, `-`. */
  passWord(): boolean {
    const { bytes } = this
    let at = this.at
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) if (byte === undefined || !WORD[byte]) return false
    this.at = at + 1
    return true
  }

  /** A whole number of at most nine digits, as JSON writes them. */
  passNumber(): boolean {
    const { bytes } = this
    const from = this.at
    let at = from
    let number = 0
    for (let byte = bytes[at]; byte !== undefined && byte >= ZERO && byte <= NINE; byte = bytes[++at])
      number = number * 10 + byte - ZERO
    const digits = at - from
    if (digits === 0 || digits > 9 || (digits > 1 && bytes[from] === ZERO)) return false
    this.number = number
    this.at = at
    return true
  }

  /** What is left of an instant in UTC (`…:05.123456789Z"`), with its closing quote. Sets `timeMs` as `Date.parse` of its milliseconds. */
  passTime(): boolean {
    const { bytes } = this
    const from = this.at
    const minute = this.slice(from, from + 17)
    if (minute !== this.minute) {
      this.minuteMs = MINUTE.test(minute) ? Date.parse(`${minute}00Z`) : Number.NaN
      this.minute = minute
    }
    let at = from + 17
    const [tens, ones] = [digit(bytes[at]), digit(bytes[at + 1])]
    if (Number.isNaN(this.minuteMs) || tens > 5 || ones > 9) return false
    at += 2
    let ms = 0
    if (bytes[at] === DOT) {
      let unit = 100
      const first = at + 1
      for (at = first; digit(bytes[at]) <= 9; at += 1) {
        if (unit >= 1) ms += digit(bytes[at]) * unit
        unit /= 10
      }
      if (at === first || at - first > 9) return false
    }
    if (bytes[at] !== 0x5a || bytes[at + 1] !== QUOTE) return false
    this.at = at + 2
    this.timeMs = this.minuteMs + (tens * 10 + ones) * 1000 + ms
    return true
  }

  /**
   * What is left of an object of flags that are set (`"SYN":true,"ACK":true}`), with its closing brace. The answer has bit 1 for SYN
   * and bit 2 for ACK; -1 where it is anything else.
   */
  passFlags(): number {
    let flags = 0
    if (this.passByte(CLOSE)) return flags
    do {
      if (!this.passByte(QUOTE)) return -1
      const name = this.at
      if (!this.passWord() || !this.pass(TRUE)) return -1
      if (this.isName(name, SYN)) flags |= 1
      else if (this.isName(name, ACK)) flags |= 2
    } while (this.passByte(COMMA))
    return this.passByte(CLOSE) ? flags : -1
  }

  private isName(at: number, name: Uint8Array): boolean {
    for (let index = 0; index < name.length; index += 1) if (this.bytes[at + index] !== name[index]) return false
    return true
  }
}

const SYN = literal('SYN"')
const ACK = literal('ACK"')
const WORD = Uint8Array.from({ length: 256 }, (_, byte) => (/[0-9A-Za-z.:-]/.test(String.fromCharCode(byte)) ? 1 : 0))
/** 0 to 9; more for what is no digit. */
const digit = (byte: number | undefined): number =>
  byte !== undefined && byte >= ZERO && byte <= NINE ? byte - ZERO : 10

/** A number that equal bytes share; of at least eight bytes. */
export function hashOf(view: DataView, from: number, to: number): number {
  let [one, other] = [to - from, 1]
  const last = to - 8
  for (let at = from; at < last; at += 8) {
    one = Math.imul(one ^ view.getUint32(at, true), 0x9e3779b1)
    other = Math.imul(other ^ view.getUint32(at + 4, true), 0x85ebca6b)
  }
  one = Math.imul(one ^ view.getUint32(last, true), 0x9e3779b1)
  other = Math.imul(other ^ view.getUint32(last + 4, true), 0x85ebca6b)
  return one ^ (other << 13) ^ (other >>> 19)
}
