import { isAppError } from '@/lib/errors'
import type { DecodeResult } from '@/lib/model/decoded'
import type { Puller } from '@/lib/usecases/pull-records'
import { type CollectorContext, CollectorFailure } from './collector'
import { pause } from './pause'

export interface CommitPull {
  readonly pull: Puller
  readonly decoded: DecodeResult
  readonly cursor: unknown
  readonly context: CollectorContext
  /** Pause before the same batch is tried again. */
  readonly retryMs: number
  readonly signal: AbortSignal
  /** Told before each pause, and when it is over. */
  onDatabase(isAway: boolean): void
}

/**
 * Commits a batch with the cursor behind it, and the same batch again while the database is away: it counts once. Answers false
 * where `signal` aborted before. Throws `CollectorFailure` where another process pulls by this name.
 */
export async function commitPull(batch: CommitPull): Promise<boolean> {
  const { pull, decoded, cursor, context, retryMs, signal, onDatabase } = batch
  while (!signal.aborted) {
    try {
      await pull.commit(decoded, cursor, context.now())
      onDatabase(false)
      return true
    } catch (error) {
      if (isAppError(error) && error.code === 'conflict')
        throw new CollectorFailure(
          'Another process of Postern collects by this name.',
          'Usually it passes by itself, when a replica takes over. Collectors of different settings need different names.',
          false,
          { cause: error },
        )
      if (!isAppError(error) || error.code !== 'unavailable') throw error
    }
    onDatabase(true)
    await pause(retryMs, signal)
  }
  return false
}
