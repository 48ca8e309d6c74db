import 'server-only'
import { LIMITS } from '@/lib/model/limits'

/** What a stream shows: how it begins, what follows, and where a client starts anew that could not keep up. */
export interface Watch {
  /** The whole as it stands; undefined while nobody knows it yet: it then comes as an event. */
  snapshot(): Uint8Array | undefined
  /** No event comes after. */
  stop(): void
}

/** Node's response behind the body, which takes bytes at a fifth of what a web stream costs; the shape of `ServerResponse`. */
export interface DirectSink {
  readonly headersSent: boolean
  /** Bytes that wait for the client. */
  readonly writableLength: number
  write(bytes: Uint8Array): boolean
  on(event: 'drain', listener: () => void): unknown
}

/** Keeps proxies and balancers from taking silence for death. */
const PING_MS = 15_000
/** A client that takes nothing for so long is ended: it comes back if it lives. */
const STALLED_MS = 60_000
/** After how long a browser whose stream ended comes back: not all at once. */
const RETRY_MS = { least: 1000, spread: 2000 }
/** A response whose header is not sent by then is left to whoever carries the body. */
const HEADER_MS = 2000

const encoder = new TextEncoder()
const PING = encoder.encode(': ping\n\n')

/**
 * The events of a watch as one client's body. What waits for the client is bounded: one that does not keep up misses events
 * and, once it has taken what waits, goes on from a fresh snapshot. Pings when nothing else was sent for 15 s. With a direct
 * sink the body carries the first line and the end; what is between goes to the sink, from when the body's first line went out.
 */
export class ClientStream {
  readonly body: ReadableStream<Uint8Array>
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined
  private watch: Watch | undefined
  private isDirect = false
  private isBehind = false
  private isOver = false
  private ping: ReturnType<typeof setTimeout> | undefined
  private stalled: ReturnType<typeof setTimeout> | undefined
  private header: ReturnType<typeof setTimeout> | undefined

  /** `subscribe` begins the watch; `onEnd` is called once, whoever ends it. */
  constructor(
    private readonly subscribe: (listener: (event: Uint8Array) => void) => Watch,
    private readonly onEnd: () => void,
    private readonly sink?: DirectSink,
  ) {
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = controller
          const retryMs = RETRY_MS.least + Math.floor(Math.random() * RETRY_MS.spread)
          this.send(encoder.encode(`retry: ${retryMs}\n\n`))
          if (!sink) this.begin()
          else {
            this.header = setTimeout(() => this.begin(), HEADER_MS)
            this.header.unref()
          }
        },
        pull: () => this.pulled(),
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

  private begin(): void {
    clearTimeout(this.header)
    if (this.watch || this.isOver) return
    this.watch = this.subscribe((event) => this.offer(event))
  }

  /** Called whenever something was taken from the body. */
  private pulled(): void {
    if (this.isDirect) return
    // The header goes out with the body's first bytes: from then on nothing of the body is under way.
    if (!this.watch && this.sink?.headersSent && this.waitingBytes() === 0) {
      this.isDirect = true
      this.sink.on('drain', () => this.drained())
      this.begin()
    } else this.drained()
  }

  private offer(event: Uint8Array): void {
    if (this.isOver || this.isBehind) return
    const waiting = this.waitingBytes()
    if (waiting === 0 || waiting + event.byteLength <= LIMITS.streamWaitingBytes) {
      this.send(event)
      return
    }
    this.isBehind = true
    this.stalled = setTimeout(() => this.end(), STALLED_MS)
    this.stalled.unref()
  }

  private drained(): void {
    if (!this.isBehind || this.isOver || this.waitingBytes() > 0) return
    this.isBehind = false
    clearTimeout(this.stalled)
    const snapshot = this.watch?.snapshot()
    if (snapshot) this.send(snapshot)
  }

  private waitingBytes(): number {
    if (this.isDirect) return this.sink?.writableLength ?? 0
    return LIMITS.streamWaitingBytes - (this.controller?.desiredSize ?? 0)
  }

  private send(bytes: Uint8Array): void {
    if (this.isDirect) this.sink?.write(bytes)
    else this.controller?.enqueue(bytes)
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
    for (const timer of [this.ping, this.stalled, this.header]) clearTimeout(timer)
    this.watch?.stop()
    this.onEnd()
  }
}
