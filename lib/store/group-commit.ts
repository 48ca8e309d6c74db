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

type Commit = (batches: readonly FlowBatch[]) => Promise<IngestResult[]>

interface Waiting {
  readonly batch: FlowBatch
  readonly resolve: (result: IngestResult) => void
  readonly reject: (error: unknown) => void
}

/**
 * Commits the bodies of many requests together: small ones share a transaction, and each sender is answered after its
 * COMMIT. A body that fails is tried alone, so that its neighbours do not fail with it. Memory is bounded by bytes.
 */
export class GroupCommit {
  private readonly queue: Waiting[] = []
  private flushers = 0
  private bytes = 0

  constructor(private readonly commit: Commit = commitBatches) {}

  /** Takes room for bytes that are about to be read. Throws `unavailable` with a pause where there is none. */
  reserve(bytes: number): void {
    if (this.bytes + bytes > LIMITS.waitingBytes)
      throw new AppError('unavailable', 'too many records are waiting to be stored (limit waitingBytes)', {
        retryAfterS: RETRY_AFTER_S,
      })
    this.bytes += bytes
  }

  release(bytes: number): void {
    this.bytes -= bytes
  }

  /** Answers after COMMIT. Errors: `unavailable`; anything else means that this very batch cannot be stored. */
  submit(batch: FlowBatch): Promise<IngestResult> {
    return new Promise((resolve, reject) => {
      this.queue.push({ batch, resolve, reject })
      if (this.flushers < FLUSHERS) void this.flush()
    })
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
    try {
      const results = await this.commit(group.map((item) => item.batch))
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
    }
  }
}

/** The queue of this process. */
export const groupCommit = (): GroupCommit => processGlobal('group-commit', () => new GroupCommit())
