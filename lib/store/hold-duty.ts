import 'server-only'
import { hash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { env } from '@/lib/env'

const POLL_MS = 2000

/**
 * Does `work` while this process alone, of all replicas, holds the duty of that name (a session advisory lock on a connection
 * of its own). Waits for it as standby, calling `onStandby` once; starts `work` again whenever it was lost and won back. The
 * signal given to `work` aborts when the lock's connection is lost or `signal` aborts. Ends when `work` ends by itself or `signal` aborts.
 */
export async function holdDuty(
  name: string,
  signal: AbortSignal,
  onStandby: () => void,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const id = hash('sha256', `postern duty ${name}`, 'buffer').readBigInt64BE(0).toString()
  let isStandby = false
  while (!signal.aborted) {
    const lock = await tryLock(id)
    if (lock) {
      isStandby = false
      try {
        const isOver = await whileLocked(lock, signal, work)
        if (isOver) return
      } finally {
        await lock.end().catch(() => undefined)
      }
    } else if (!isStandby) {
      isStandby = true
      onStandby()
    }
    await wait(POLL_MS, undefined, { signal }).catch(() => undefined)
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

/** A connection that holds the lock; undefined where another process does, or the database is away. */
async function tryLock(id: string): Promise<pg.Client | undefined> {
  const client = new pg.Client({
    connectionString: env().DATABASE_URL,
    application_name: 'postern-duty',
    connectionTimeoutMillis: 5000,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS held', [id])
    if (rows[0]?.held) return client
  } catch {
    // Tried again after a pause.
  }
  await client.end().catch(() => undefined)
  return undefined
}
