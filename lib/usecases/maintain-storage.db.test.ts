import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { query, useDatabase, withTransaction } from '@/lib/store/client'
import { listPartitions } from '@/lib/store/partitions'
import { saveBuckets } from '@/lib/store/save-buckets'
import { createTestDatabase, type TestDatabase } from '@/lib/store/test-database'
import { maintainStorage } from './maintain-storage'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Math.floor(Date.now() / HOUR) * HOUR
const RETENTION = { evidence: DAY, buckets15s: DAY, buckets1m: 10 * DAY, buckets1h: 400 * DAY }
const OPTIONS = { retention: RETENTION, rollUpEveryMs: 20, retentionEveryMs: 50 }

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const save = (startMs: number) =>
  withTransaction(async (client) => {
    const part = {
      bucketStartMs: startMs,
      grainS: 15,
      connections: 1,
      events: 0,
      requests: 0,
      requestErrors: 0,
      bytesSent: 0,
      bytesReceived: 0,
      firstMs: startMs,
      lastMs: startMs,
    } as const
    await saveBuckets(client, [{ dataset: '', variantId: '1', part }])
  })
/** What the hours hold, once they are told that nothing changed of late: nobody waits for more. */
async function hours(): Promise<number | undefined> {
  await withTransaction((client) => client.query(`UPDATE bucket_change SET changed_at = now() - interval '1 hour'`))
  return (await query<{ n: number }>('SELECT coalesce(sum(connections), 0)::int AS n FROM edge_bucket_1h'))[0]?.n
}
const holders = async () =>
  (
    await query<{ pid: number }>(
      `SELECT a.pid FROM pg_stat_activity a JOIN pg_locks l USING (pid) WHERE l.locktype = 'advisory' AND l.granted
         AND a.application_name = 'postern-duty' AND a.datname = current_database()`,
    )
  ).map((row) => row.pid)
const soon = { timeout: 20_000, interval: 20 }

test('of two workers one is at work, the other takes over when its connection is lost; both end when told', async () => {
  const stop = new AbortController()
  const workers = [maintainStorage(OPTIONS, stop.signal), maintainStorage(OPTIONS, stop.signal)]
  await save(NOW - 3 * HOUR)
  await vi.waitFor(async () => expect(await hours()).toBe(1), soon)
  const [first, ...others] = await holders()
  expect(others).toEqual([])
  await query('SELECT pg_terminate_backend($1)', [first])
  await vi.waitFor(async () => {
    const [next] = await holders()
    expect(next).toBeDefined()
    expect(next).not.toBe(first)
  }, soon)
  await save(NOW - 5 * HOUR)
  await vi.waitFor(async () => expect(await hours()).toBe(2), soon)
  // Partitions that will be needed are there before anybody needs them.
  const made = await listPartitions('edge_bucket_15s')
  expect(Math.max(...made.map(({ toMs }) => toMs))).toBeGreaterThan(Date.now() + 6 * HOUR)
  // What is past retention goes, what is not stays.
  await save(NOW - 3 * DAY)
  await vi.waitFor(async () => {
    const left = await listPartitions('edge_bucket_15s')
    expect(left.every(({ toMs }) => toMs > NOW - DAY - 2 * HOUR)).toBe(true)
  }, soon)
  expect(await hours()).toBe(3)
  stop.abort()
  await Promise.all(workers)
})
