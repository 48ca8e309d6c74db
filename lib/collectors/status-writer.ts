import type { CollectorStatus } from '@/lib/model/collector'

/** Repeats the same word at least this often, so that the sources page can tell a live collector from a dead process. */
const REFRESH_MS = 15_000
/** At most one write a second. */
const EVERY_MS = 1000

/** Writes the newest status, never more than once a second, and again now and then. A write that fails is tried later. */
export class StatusWriter {
  private current: CollectorStatus | undefined
  private isDirty = false
  private writing: Promise<void> | undefined
  private isOver = false
  private timer: NodeJS.Timeout | undefined
  private readonly refresh: NodeJS.Timeout

  constructor(private readonly write: (status: CollectorStatus) => Promise<void>) {
    this.refresh = setInterval(() => this.touch(), REFRESH_MS)
    this.refresh.unref()
  }

  /** Takes a status; true where its state or its detail is a new one. */
  set(status: CollectorStatus): boolean {
    const isNew = status.state !== this.current?.state || status.detail !== this.current.detail
    this.current = status
    this.touch(isNew ? 0 : EVERY_MS)
    return isNew
  }

  /** Writes the last word and stops. */
  async end(status: CollectorStatus): Promise<void> {
    this.isOver = true
    clearInterval(this.refresh)
    clearTimeout(this.timer)
    this.isDirty = false
    await this.writing
    await this.write(status).catch(() => undefined)
  }

  private touch(afterMs = 0): void {
    this.isDirty = true
    if (this.timer || this.writing) return
    this.timer = setTimeout(() => this.flush(), afterMs)
    this.timer.unref()
  }

  private flush(): void {
    this.timer = undefined
    if (!this.isDirty || !this.current) return
    this.isDirty = false
    this.writing = this.write(this.current)
      .catch(() => {
        this.isDirty = !this.isOver
      })
      .finally(() => {
        this.writing = undefined
        if (this.isDirty) this.touch(EVERY_MS)
      })
  }
}
