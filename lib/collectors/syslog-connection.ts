import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { isAppError } from '@/lib/errors'
import { LIMITS } from '@/lib/model/limits'
import { SECOND_MS } from '@/lib/model/units'
import { logger } from '@/lib/observability/logger'
import { type FramedMessage, SyslogFramer } from '@/lib/sources/syslog/frame-syslog'
import { giveRoomBack, takeRoom } from '@/lib/usecases/waiting-bytes'
import { pause } from './pause'

const BATCH_MESSAGES = 2000
const BATCH_BYTES = 1024 * 1024
const BATCH_AGE_MS = SECOND_MS
const NO_ROOM_PAUSE_MS = 250
/**
 * A message comes whole within this, or its sender is let go: what is held of it takes room that all ways in share, and a
 * few senders that begin a message and never end it would hold all of it.
 */
const UNFINISHED_MS = 120 * SECOND_MS
const RETRY_PAUSES_MS = [250, 500, 1000, 2000] as const

/** What a connection does with its messages. */
export interface SyslogSink {
  /** Ends after COMMIT. The same `batchId` counts once. Throws `unavailable` where it should be tried again. */
  commit(messages: readonly FramedMessage[], batchId: string): Promise<void>
  /** Told when the database stops answering, and when it answers again. */
  onAway(isAway: boolean): void
  /** True while the database does not answer some connection: then room is short for no fault of a sender. */
  isAway(): boolean
}

/**
 * Reads one sender's connection to its end, or until the signal aborts: messages are committed in batches of 2000, 1 MiB or
 * 1 s, and nothing is read meanwhile, so that TCP holds the sender back. What was read when the end comes is still committed.
 * A sender that leaves a message unfinished for two minutes is disconnected. Never throws.
 */
export async function serveSyslogConnection(
  socket: Socket,
  sink: SyslogSink,
  signal: AbortSignal,
  unfinishedMs = UNFINISHED_MS,
): Promise<void> {
  const connection = new SyslogConnection(socket, sink, signal, unfinishedMs)
  // Without a listener an error would end the process; that it ended is seen by `closed`.
  socket.on('error', () => undefined)
  try {
    await connection.run()
  } catch (error) {
    logger().error({ task: 'syslog', error }, 'a syslog connection failed')
  } finally {
    connection.giveBack()
    socket.destroy()
  }
}

class SyslogConnection {
  private readonly framer = new SyslogFramer(LIMITS.syslogMessageBytes)
  private batch: FramedMessage[] = []
  private batchBytes = 0
  /** When the oldest message of the batch was read; 0 without one. */
  private since = 0
  private reserved = 0
  /** Since when a message lacks its rest, of the time in which it could come; 0 without one. */
  private unfinishedSince = 0

  constructor(
    private readonly socket: Socket,
    private readonly sink: SyslogSink,
    private readonly signal: AbortSignal,
    private readonly unfinishedMs: number,
  ) {}

  async run(): Promise<void> {
    for (;;) {
      if (!(await this.makeRoom(this.socket.readableLength))) return
      const chunk: unknown = this.socket.read()
      if (chunk instanceof Uint8Array) {
        const messages = this.framer.push(chunk)
        this.noteUnfinished(messages.length > 0)
        if (!(await this.take(messages))) return
      } else if (this.signal.aborted || this.hasEnded() || this.isOverdue()) break
      else {
        if (this.isDue()) await this.flush()
        await this.untilSomething()
      }
    }
    if (this.hasEnded() || this.isOverdue()) this.add(this.framer.finish())
    await this.flush()
  }

  private noteUnfinished(hasFinishedOne: boolean): void {
    if (this.framer.heldBytes === 0) this.unfinishedSince = 0
    else if (hasFinishedOne || this.unfinishedSince === 0) this.unfinishedSince = Date.now()
  }

  private isOverdue(): boolean {
    return this.unfinishedSince > 0 && Date.now() - this.unfinishedSince >= this.unfinishedMs
  }

  giveBack(): void {
    giveRoomBack(this.reserved)
    this.reserved = 0
  }

  private hasEnded(): boolean {
    return this.socket.readableEnded || this.socket.destroyed
  }

  private isDue(): boolean {
    return this.since > 0 && Date.now() - this.since >= BATCH_AGE_MS
  }

  /** Waits until there is room for what is about to be read; false where the end comes before. */
  private async makeRoom(bytes: number): Promise<boolean> {
    if (bytes === 0) return true
    while (!takeRoom(bytes)) {
      // Others hold the room, or our own batch does.
      await this.flush()
      if (this.signal.aborted) return false
      if (this.sink.isAway()) this.noteUnfinished(true)
      // Messages that none of their senders ends may be what holds all the room.
      if (this.isOverdue()) return false
      await pause(NO_ROOM_PAUSE_MS, this.signal)
    }
    this.reserved += bytes
    return true
  }

  /** Adds messages, and commits when they are many; false where the stream cannot be read any further. */
  private async take(messages: readonly FramedMessage[]): Promise<boolean> {
    this.add(messages)
    const isBroken = messages.some((message) => 'broken' in message)
    if (isBroken || this.batch.length >= BATCH_MESSAGES || this.batchBytes >= BATCH_BYTES || this.isDue())
      await this.flush()
    return !isBroken
  }

  private add(messages: readonly FramedMessage[]): void {
    if (messages.length > 0 && this.since === 0) this.since = Date.now()
    for (const message of messages) {
      this.batch.push(message)
      this.batchBytes += 'bytes' in message ? message.bytes.length : 0
    }
  }

  private async flush(): Promise<void> {
    const messages = this.batch
    this.batch = []
    this.batchBytes = 0
    this.since = 0
    if (messages.length > 0) {
      await this.commit(messages)
      // Nothing was read meanwhile.
      this.noteUnfinished(true)
    }
    const over = this.reserved - this.framer.heldBytes
    if (over <= 0) return
    giveRoomBack(over)
    this.reserved -= over
  }

  /**
   * Tries until the database is there again; after the end has come, once more. A batch that cannot be stored for any other
   * reason is a bug: it is logged and given up, so that the sender is not held back for good.
   */
  private async commit(messages: readonly FramedMessage[]): Promise<void> {
    const batchId = randomUUID()
    let isAway = false
    try {
      for (let tries = 0; ; tries += 1) {
        const isLast = this.signal.aborted
        const failure = await this.failureOf(messages, batchId)
        if (!failure) return
        if (isLast || !isAppError(failure.error) || failure.error.code !== 'unavailable') {
          logger().error(
            { task: 'syslog', error: failure.error, messages: messages.length },
            'syslog messages are lost',
          )
          return
        }
        if (!isAway) this.sink.onAway(true)
        isAway = true
        await pause(RETRY_PAUSES_MS[Math.min(tries, RETRY_PAUSES_MS.length - 1)] ?? SECOND_MS, this.signal)
      }
    } finally {
      if (isAway) this.sink.onAway(false)
    }
  }

  private async failureOf(
    messages: readonly FramedMessage[],
    batchId: string,
  ): Promise<{ error: unknown } | undefined> {
    try {
      await this.sink.commit(messages, batchId)
      return undefined
    } catch (error) {
      return { error }
    }
  }

  /** Until there is something to read, the connection or the work ends, or the batch is due. */
  private untilSomething(): Promise<void> {
    const { socket, signal } = this
    return new Promise((resolve) => {
      const events = ['readable', 'end', 'close'] as const
      const done = () => {
        clearTimeout(timer)
        for (const event of events) socket.off(event, done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer =
        this.since > 0
          ? setTimeout(done, BATCH_AGE_MS)
          : this.unfinishedSince > 0
            ? setTimeout(done, Math.max(0, this.unfinishedSince + this.unfinishedMs - Date.now()))
            : undefined
      for (const event of events) socket.once(event, done)
      signal.addEventListener('abort', done)
      if (signal.aborted || this.hasEnded() || socket.readableLength > 0) done()
    })
  }
}
