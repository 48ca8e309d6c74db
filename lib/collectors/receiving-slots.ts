import { AppError } from '@/lib/errors'

/**
 * So many messages at a time may be on their way into memory; the rest waits outside, in order, without being read. Waiting is bounded:
 * who had no turn by then is to try again.
 */
export class ReceivingSlots {
  private free: number
  private readonly waiting: (() => void)[] = []

  constructor(
    slots: number,
    private readonly waitMs: number,
  ) {
    this.free = slots
  }

  /** Answers how to give the slot back, which counts once. Throws `unavailable` after the wait. */
  async take(): Promise<() => void> {
    if (this.free > 0) this.free -= 1
    else await this.turn()
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      const next = this.waiting.shift()
      if (next) next()
      else this.free += 1
    }
  }

  private turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const own = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(own), 1)
        reject(
          new AppError('unavailable', 'too many requests are being received (limit otlpReceiving)', { retryAfterS: 2 }),
        )
      }, this.waitMs)
      this.waiting.push(own)
    })
  }
}
