import { type Body, CLUSTER } from './crash-test-bodies'
import type { Observer } from './crash-test-observer'

const AT_ONCE = 6
/** Longer than the server's own limits, after which it answers 503. */
const TIMEOUT_MS = 40_000
/** Senders wait as they are told, but no longer than this: a round is short. */
const MOST_PAUSE_MS = 250

/**
 * Senders as they should be: each body again, with the same bytes, until it is acknowledged, and never after. Theirs is the word on
 * what was acknowledged, since it lies outside the database.
 */
export class Senders {
  readonly acknowledged = new Set<Body>()
  /** Answers that no sender should get. */
  readonly wrong: string[] = []
  attempts = 0
  private readonly waiting: { readonly count: number; readonly resolve: () => void }[] = []
  private isStopped = false

  constructor(
    readonly bodies: readonly Body[],
    /** Where a Postern listens at the moment. */
    private readonly targets: () => readonly string[],
  ) {}

  get isDone(): boolean {
    return this.acknowledged.size === this.bodies.length
  }

  start(): void {
    let next = 0
    const sender = async (): Promise<void> => {
      for (let body = this.bodies[next++]; body && !this.isStopped; body = this.bodies[next++]) await this.send(body)
    }
    for (let count = 0; count < AT_ONCE; count += 1) void sender()
  }

  /** Resolves when every body is acknowledged; throws where that does not come by the deadline of the round. */
  async end(observer: Observer): Promise<void> {
    try {
      await observer.until('every body is acknowledged', () => this.isDone)
    } finally {
      this.isStopped = true
    }
  }

  /** Resolves when so many bodies are acknowledged. */
  reached(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.acknowledged.size >= count) resolve()
      else this.waiting.push({ count, resolve })
    })
  }

  private async send(body: Body): Promise<void> {
    while (!this.isStopped) {
      const targets = this.targets()
      const target = targets[this.attempts % targets.length]
      this.attempts += 1
      if (target !== undefined && (await this.post(target, body))) {
        this.acknowledged.add(body)
        for (const { count, resolve } of this.waiting) if (this.acknowledged.size >= count) resolve()
        return
      }
      await new Promise((resolve) => setTimeout(resolve, MOST_PAUSE_MS))
    }
  }

  /** True where the whole answer came and acknowledges the body. */
  private async post(target: string, { kind, path, type, bytes }: Body): Promise<boolean> {
    try {
      const response = await fetch(`${target}${path}`, {
        method: 'POST',
        headers: { 'content-type': type, 'x-postern-cluster': CLUSTER },
        body: new Uint8Array(bytes),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const text = await response.text()
      const isRefused = response.ok && !/"rejected":0[,}]/.test(text) && text !== '{}'
      if (isRefused || (!response.ok && response.status !== 503))
        this.wrong.push(`${kind}: ${response.status} ${text.slice(0, 300)}`)
      return response.ok
    } catch {
      // Refused, cut off or too late: nothing was acknowledged.
      return false
    }
  }
}
