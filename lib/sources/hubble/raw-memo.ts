/** What one memo may hold: of each of its two generations. */
export interface MemoBounds {
  readonly entries: number
  /** Characters of raw text, and what is charged beside them. */
  readonly chars: number
}

interface Entry<T> {
  readonly raw: string
  readonly value: T
}

/**
 * Remembers what raw text means, so that text that repeats is read once. Bounded, whatever a sender does: when the young
 * generation is full it becomes the old one, and the old one goes, at the cost of nothing. What is asked for again comes back
 * into the young one. `hash` is any number that equal text shares: texts are always compared, so one that collides only
 * displaces the other.
 */
export class RawMemo<T> {
  private young = new Map<number, Entry<T>>()
  private old = new Map<number, Entry<T>>()
  private chars = 0

  constructor(private readonly bounds: MemoBounds) {}

  get(hash: number, raw: string): T | undefined {
    const entry = this.young.get(hash)
    if (entry !== undefined) return entry.raw === raw ? entry.value : undefined
    const older = this.old.get(hash)
    if (older === undefined || older.raw !== raw) return undefined
    this.put(hash, older)
    return older.value
  }

  /** Remembers what `make` says. The text is copied: it may be part of a large one, which would be kept with it. */
  learn(hash: number, text: string, make: (raw: string) => T): T {
    const raw = Buffer.from(text, 'latin1').toString('latin1')
    const value = make(raw)
    this.put(hash, { raw, value })
    return value
  }

  /** Counts what a value has grown by towards the bounds. */
  charge(chars: number): void {
    this.chars += chars
  }

  private put(hash: number, entry: Entry<T>): void {
    if (this.young.size >= this.bounds.entries || this.chars + entry.raw.length > this.bounds.chars) {
      this.old = this.young
      this.young = new Map()
      this.chars = 0
    }
    this.young.set(hash, entry)
    this.chars += entry.raw.length
  }
}

/** One object for equal content. Bounded: when it is full it begins anew, and what it answered before is no longer the same object. */
export class InternTable<T> {
  private readonly known = new Map<string, T>()
  private chars = 0

  constructor(private readonly bounds: MemoBounds) {}

  /** `key` is equal for equal content. */
  intern(key: string, value: T): T {
    const same = this.known.get(key)
    if (same !== undefined) return same
    if (this.known.size >= this.bounds.entries || this.chars + key.length > this.bounds.chars) {
      this.known.clear()
      this.chars = 0
    }
    this.known.set(key, value)
    this.chars += key.length
    return value
  }
}
