import 'server-only'
import { LIMITS } from '@/lib/model/limits'

/** What a stream shows: how it begins, what follows, and where a client starts anew that could not keep up. */
export interface Watch {
  /** The whole as it stands; undefined while nobody knows it yet: it then comes as an event. */
  snapshot(): Uint8Array | undefined
  /** No event comes after. */
  stop(): void
}

/** Keeps proxies and balancers from taking silence for death. */
const PING_MS = 15_000
/** A client that takes nothing for so long is ended: it comes back if it lives. */
const STALLED_MS = 60_000
/** After how long a browser whose stream ended comes back: not all at once. */
const RETRY_MS = { least: 1000, spread: 2000 }

const encoder = new TextEncoder()
const PING = encoder.encode(': ping\n\n')

/**
 * The events of a watch as one client's body. What waits for the client is bounded: one that does not keep up misses events
 * and, once it has taken what waits, goes on from a fresh snapshot. Pings when nothing else was sent for 15 s.
 */
export class ClientStream {
  readonly body: ReadableStream<Uint8Array>
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined
  private watch: Watch | undefined
  private isBehind = false
  private isOver = false
  private ping: ReturnType<typeof setTimeout> | undefined
  private stalled: ReturnType<typeof setTimeout> | undefined

  /** `subscribe` begins the watch; `onEnd` is called once, whoever ends it. */
  constructor(
    subscribe: (listener: (event: Uint8Array) => void) => Watch,
    private readonly onEnd: () => void,
  ) {
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = controller
          const retryMs = RETRY_MS.least + Math.floor(Math.random() * RETRY_MS.spread)
          this.send(encoder.encode(`retry: ${retryMs}\n\n`))
          this.watch = subscribe((event) => this.offer(event))
        },
        pull: () => this.drained(),
        cancel: () => this.finish(),
      },
      { highWaterMark: LIMITS.streamWaitingBytes, size: (chunk) => chunk.byteLength },
    )
  }

  /** Ends the body; the client may come back. */
  end(): void {
    if (this.isOver) return
    this.finish()
    this.controller?.close()
  }

  private offer(event: Uint8Array): void {
    if (this.isOver || this.isBehind) return
    if (this.isEmpty() || (this.controller?.desiredSize ?? 0) >= event.byteLength) {
      this.send(event)
      return
    }
    this.isBehind = true
    this.stalled = setTimeout(() => this.end(), STALLED_MS)
    this.stalled.unref()
  }

  /** Called whenever the client took something. */
  private drained(): void {
    if (!this.isBehind || !this.isEmpty()) return
    this.isBehind = false
    clearTimeout(this.stalled)
    const snapshot = this.watch?.snapshot()
    if (snapshot) this.send(snapshot)
  }

  private isEmpty(): boolean {
    return this.controller?.desiredSize === LIMITS.streamWaitingBytes
  }

  private send(bytes: Uint8Array): void {
    this.controller?.enqueue(bytes)
    if (this.ping) this.ping.refresh()
    else {
      this.ping = setTimeout(() => this.idle(), PING_MS)
      this.ping.unref()
    }
  }

  private idle(): void {
    if (this.isBehind) this.ping?.refresh()
    else this.send(PING)
  }

  private finish(): void {
    if (this.isOver) return
    this.isOver = true
    clearTimeout(this.ping)
    clearTimeout(this.stalled)
    this.watch?.stop()
    this.onEnd()
  }
}
