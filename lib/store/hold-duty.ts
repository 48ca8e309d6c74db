import 'server-only'
import { hash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import { openDedicated } from './dedicated-connection'

const POLL_MS = 2000
/** Who lost it lets those who wait go first: their way to the database may be the better one. */
const AFTER_LOSS_MS = 2 * POLL_MS

/** Why a duty is not ours: another process holds it, or nobody can know since the database is away. */
export type WaitReason = 'held' | 'database-away'

/**
 * Does `work` while this process alone, of all replicas, holds the duty of that name (a session advisory lock on a connection
 * of its own). While it waits, `onWait` is told why, once per reason; `work` starts again whenever the duty was lost and won back.
 * The signal given to `work` aborts when the lock's connection is lost or `signal` aborts. Ends when `work` ends by itself or `signal` aborts.
 */
export async function holdDuty(
  name: string,
  signal: AbortSignal,
  onWait: (reason: WaitReason) => void,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const id = hash('sha256', `postern duty ${name}`, 'buffer').readBigInt64BE(0).toString()
  let told: WaitReason | undefined
  while (!signal.aborted) {
    const lock = await tryLock(id)
    const isHeld = typeof lock === 'object'
    if (isHeld) {
      told = undefined
      try {
        const isOver = await whileLocked(lock, signal, work)
        if (isOver) return
      } finally {
        await lock.end().catch(() => undefined)
      }
    } else if (lock !== told) {
      told = lock
      onWait(lock)
    }
    await wait(isHeld ? AFTER_LOSS_MS : POLL_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** True where the work ended; false where the lock was lost before. */
async function whileLocked(
  lock: pg.Client,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const lost = new AbortController()
  lock.once('end', () => lost.abort())
  await work(AbortSignal.any([signal, lost.signal]))
  return !lost.signal.aborted || signal.aborted
}

/** A connection that holds the lock, or why there is none. */
async function tryLock(id: string): Promise<pg.Client | WaitReason> {
  let lock: pg.Client | undefined
  try {
    lock = await openDedicated('postern-duty')
    const { rows } = await lock.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS held', [id])
    if (rows[0]?.held) return lock
    await lock.end()
    return 'held'
  } catch {
    await lock?.end().catch(() => undefined)
    return 'database-away'
  }
}
