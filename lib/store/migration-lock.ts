import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Queryable } from './client'

/** Advisory lock of the migration runner: two starters wait for each other. */
const LOCK_ID = 72_707_369
const POLL_MS = 100

/**
 * Takes the lock that whoever migrates holds, until the session ends, by asking again and again: one who waits within a
 * statement holds a snapshot, for whose end CREATE INDEX CONCURRENTLY waits.
 */
export async function holdMigrationLock(client: Queryable): Promise<void> {
  while (!(await ask(client, 'pg_try_advisory_lock'))) await sleep(POLL_MS)
}

/** Does `work` while nobody migrates; false where somebody still does after `timeoutMs`. */
export async function whileNobodyMigrates(
  client: Queryable,
  timeoutMs: number,
  work: () => Promise<void>,
): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs
  while (!(await ask(client, 'pg_try_advisory_lock_shared'))) {
    if (performance.now() > deadlineMs) return false
    await sleep(POLL_MS)
  }
  await work()
  await client.query('SELECT pg_advisory_unlock_shared($1)', [LOCK_ID])
  return true
}

async function ask(client: Queryable, take: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(`SELECT ${take}($1) AS held`, [LOCK_ID])
  return rows[0]?.held === true
}
