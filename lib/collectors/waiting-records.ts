export interface WaitingBounds {
  /** Records, and bytes on the wire, that may wait; at either the source is not read. */
  readonly records: number
  readonly bytes: number
}

/** How a source is held, and let go on. */
export interface SourceFlow {
  pause(): void
  resume(): void
}

export interface Taken<T, E> {
  readonly records: readonly T[]
  /** Set once the source is over and nothing of it waits any more. */
  readonly end?: { readonly error?: E }
}

/** Records of a source that wait for their commit. At the bounds the source is paused; it goes on once half is free. */
export class WaitingRecords<T, E = Error> {
  private waiting: { readonly record: T; readonly bytes: number }[] = []
  private bytes = 0
  private isPaused = false
  private over: { readonly error?: E } | undefined
  private wakeUp: () => void = () => undefined

  constructor(
    private readonly bounds: WaitingBounds,
    private readonly source: SourceFlow,
  ) {}

  add(record: T, bytes: number): void {
    if (this.over) return
    this.waiting.push({ record, bytes })
    this.bytes += bytes
    if (!this.isPaused && (this.waiting.length >= this.bounds.records || this.bytes >= this.bounds.bytes)) {
      this.isPaused = true
      this.source.pause()
    }
    this.wakeUp()
  }

  /** No more will come; the first reason stands. */
  end(error?: E): void {
    this.over ??= error === undefined ? {} : { error }
    this.wakeUp()
  }

  /** Drops what waits: it is read again by the next stream. */
  drop(): void {
    this.waiting = []
    this.end()
  }

  /**
   * The next records in order, at most `most`: at once where so many wait, the source is held or over, else `afterMs` after
   * the first that waits was seen.
   */
  async take(most: number, afterMs: number): Promise<Taken<T, E>> {
    let timer: NodeJS.Timeout | undefined
    let isTime = false
    while (this.waiting.length < most && !this.isPaused && !this.over && !isTime) {
      if (this.waiting.length > 0 && afterMs === 0) break
      if (this.waiting.length > 0)
        timer ??= setTimeout(() => {
          isTime = true
          this.wakeUp()
        }, afterMs)
      await new Promise<void>((resolve) => {
        this.wakeUp = resolve
      })
    }
    clearTimeout(timer)
    return this.cut(most)
  }

  private cut(most: number): Taken<T, E> {
    const cut = this.waiting.splice(0, most)
    for (const { bytes } of cut) this.bytes -= bytes
    if (this.isPaused && this.waiting.length <= this.bounds.records / 2 && this.bytes <= this.bounds.bytes / 2) {
      this.isPaused = false
      this.source.resume()
    }
    return {
      records: cut.map(({ record }) => record),
      ...(this.over && this.waiting.length === 0 && { end: this.over }),
    }
  }
}
