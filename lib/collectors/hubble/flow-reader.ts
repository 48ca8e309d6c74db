import type { ServiceError } from '@grpc/grpc-js'
import type { FlowStream, RelayMessage } from './relay-client'

export interface ReaderBounds {
  /** Messages, and bytes on the wire, that may wait; beyond either the stream is not read. */
  readonly messages: number
  readonly bytes: number
}

export interface Taken {
  readonly messages: readonly RelayMessage[]
  /** Set once the stream is over and nothing of it waits any more. */
  readonly end?: { readonly error?: ServiceError }
}

/**
 * Messages of one stream that wait to be committed. Reading stops at the bounds, so that gRPC's flow control holds the sender,
 * and goes on once half is free.
 */
export class FlowReader {
  private waiting: RelayMessage[] = []
  private waitingBytes = 0
  private isPaused = false
  private isCancelled = false
  private end: { readonly error?: ServiceError } | undefined
  private wakeUp: () => void = () => undefined
  /** True once the other side has said anything. */
  hasAnswered = false
  /** Messages that ever came. */
  received = 0

  constructor(
    private readonly stream: FlowStream,
    private readonly bounds: ReaderBounds,
    onAnswer: () => void,
  ) {
    const answered = () => {
      if (this.hasAnswered) return
      this.hasAnswered = true
      onAnswer()
    }
    stream.on('metadata', answered)
    stream.on('data', (message: RelayMessage) => {
      answered()
      this.add(message)
    })
    stream.on('error', (error: ServiceError) => this.finish({ error }))
    stream.on('end', () => this.finish({}))
  }

  /**
   * The next messages in order, at most `most`: at once where so many wait or the stream is over, else `afterMs` after the first
   * that waits. Answers empty when woken.
   */
  async take(most: number, afterMs: number): Promise<Taken> {
    let timer: NodeJS.Timeout | undefined
    let isTime = false
    let isWoken = false
    const isDone = () => this.waiting.length >= most || this.isPaused || this.end !== undefined || isTime || isWoken
    while (!isDone()) {
      if (this.waiting.length > 0)
        timer ??= setTimeout(() => {
          isTime = true
          this.wakeUp()
        }, afterMs)
      await new Promise<void>((resolve) => {
        this.wakeUp = resolve
        this.wake = () => {
          isWoken = true
          resolve()
        }
      })
    }
    clearTimeout(timer)
    return this.cut(most)
  }

  /** Lets `take` answer now. */
  wake: () => void = () => undefined

  /** Ends the call; what waits is dropped. */
  cancel(): void {
    this.isCancelled = true
    this.waiting = []
    this.end ??= {}
    this.stream.cancel()
    this.wakeUp()
  }

  private add(message: RelayMessage): void {
    if (this.isCancelled) return
    this.received += 1
    this.waiting.push(message)
    this.waitingBytes += message.bytes
    if (this.waiting.length >= this.bounds.messages || this.waitingBytes >= this.bounds.bytes) {
      this.isPaused = true
      this.stream.pause()
    }
    this.wakeUp()
  }

  private finish(end: { readonly error?: ServiceError }): void {
    this.end ??= end
    this.wakeUp()
  }

  private cut(most: number): Taken {
    const messages = this.waiting.splice(0, most)
    for (const message of messages) this.waitingBytes -= message.bytes
    const isHalfFree = this.waiting.length <= this.bounds.messages / 2 && this.waitingBytes <= this.bounds.bytes / 2
    if (this.isPaused && isHalfFree) {
      this.isPaused = false
      this.stream.resume()
    }
    return { messages, ...(this.end && this.waiting.length === 0 && { end: this.end }) }
  }
}
