import 'server-only'
import { AppError, isAppError } from '@/lib/errors'
import type { IngestResult } from '@/lib/model/ingest-result'
import { LIMITS } from '@/lib/model/limits'
import { processGlobal } from '@/lib/process-global'
import { commitBatches, type FlowBatch } from './commit-batches'

const RETRY_AFTER_S = 2
/** Rows of one transaction, about: larger ones gain nothing (measured), and hold locks longer. */
const GROUP_RECORDS = 20_000
const FLUSHERS = 2
/** A batch that could not even begin to be committed by then is given back: senders' own timeouts are near (OTLP: 5 to 10 s). */
const LONGEST_WAIT_MS = 4000
/** A commit takes seconds at most. One that takes longer hangs: its senders are answered, and new bodies refused unread. */
const HANGS_AFTER_MS = 10_000

type Commit = (batches: readonly FlowBatch[]) => Promise<IngestResult[]>

interface Waiting {
  readonly batch: FlowBatch
  readonly sinceMs: number
  readonly resolve: (result: IngestResult) => void
  readonly reject: (error: unknown) => void
}

/**
 * Commits the bodies of many requests together: small ones share a transaction, and each sender is answered after its
 * COMMIT. A body that fails is tried alone, so that its neighbours do not fail with it. Memory is bounded by bytes. While the
 * database hangs, what waits behind a commit is given back after 4 s, and new bodies are refused at once: senders keep them.
 */
export class GroupCommit {
  private readonly queue: Waiting[] = []
  private flushers = 0
  private bytes = 0

  private patrol: NodeJS.Timeout | undefined
  private readonly runningSince = new Map<symbol, number>()

  constructor(
    private readonly commit: Commit = commitBatches,
    private readonly longestWaitMs = LONGEST_WAIT_MS,
    private readonly hangsAfterMs = HANGS_AFTER_MS,
  ) {}

  /** Takes room for bytes that are about to be read. Throws `unavailable` with a pause where there is none. */
  reserve(bytes: number): void {
    if (this.bytes + bytes > LIMITS.waitingBytes)
      throw new AppError('unavailable', 'too many records are waiting to be stored (limit waitingBytes)', {
        retryAfterS: RETRY_AFTER_S,
      })
    if (this.hangs()) throw doesNotAnswer()
    this.bytes += bytes
  }

  release(bytes: number): void {
    this.bytes -= bytes
  }

  /** Answers after COMMIT. Errors: `unavailable`; anything else means that this very batch cannot be stored. */
  submit(batch: FlowBatch): Promise<IngestResult> {
    return new Promise((resolve, reject) => {
      this.queue.push({ batch, sinceMs: Date.now(), resolve, reject })
      if (this.flushers < FLUSHERS) void this.flush()
      else this.watch()
    })
  }

  /** True while a commit is under way: work that can wait gives way. */
  isBusy(): boolean {
    return this.flushers > 0
  }

  private hangs(): boolean {
    // In order of their beginning.
    const [oldest] = this.runningSince.values()
    return oldest !== undefined && Date.now() - oldest > this.hangsAfterMs
  }

  /** Gives back what has waited too long: commits that hang hold every flusher, and the queue behind them would only grow. */
  private watch(): void {
    const [first] = this.queue
    if (!first || this.patrol) return
    this.patrol = setTimeout(
      () => {
        this.patrol = undefined
        const before = Date.now() - this.longestWaitMs
        const late = this.queue.findIndex((item) => item.sinceMs > before)
        for (const item of this.queue.splice(0, late < 0 ? this.queue.length : late)) item.reject(doesNotAnswer())
        this.watch()
      },
      first.sinceMs + this.longestWaitMs - Date.now() + 1,
    )
    this.patrol.unref()
  }

  private async flush(): Promise<void> {
    this.flushers += 1
    try {
      for (let group = this.take(); group.length > 0; group = this.take()) await this.commitGroup(group)
    } finally {
      this.flushers -= 1
    }
  }

  private take(): Waiting[] {
    let records = 0
    let count = 0
    for (const { batch } of this.queue) {
      records += batch.result.accepted
      if (count > 0 && records > GROUP_RECORDS) break
      count += 1
    }
    return this.queue.splice(0, count)
  }

  private async commitGroup(group: readonly Waiting[]): Promise<void> {
    // The commit may still come to its end: what is sent again then counts once.
    const giveUp = setTimeout(() => {
      for (const item of group) item.reject(doesNotAnswer())
    }, this.hangsAfterMs)
    try {
      const results = await this.run(group.map((item) => item.batch))
      for (const [index, item] of group.entries()) {
        const result = results[index]
        if (result) item.resolve(result)
        else item.reject(new Error('a batch was committed without an answer'))
      }
    } catch (error) {
      const [only] = group
      if (group.length === 1 && only) only.reject(error)
      else if (isAppError(error) && error.code === 'unavailable') for (const item of group) item.reject(error)
      else for (const item of group) await this.commitGroup([item])
    } finally {
      clearTimeout(giveUp)
    }
  }

  private async run(batches: readonly FlowBatch[]): Promise<IngestResult[]> {
    const key = Symbol('commit')
    this.runningSince.set(key, Date.now())
    try {
      return await this.commit(batches)
    } finally {
      this.runningSince.delete(key)
    }
  }
}

/** The queue of this process. */
export const groupCommit = (): GroupCommit => processGlobal('group-commit', () => new GroupCommit())

const doesNotAnswer = (): AppError =>
  new AppError('unavailable', 'the database does not answer', { retryAfterS: RETRY_AFTER_S })
