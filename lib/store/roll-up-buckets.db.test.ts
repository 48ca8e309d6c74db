import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BucketPart } from '@/lib/model/prepared-batch'
import { type BucketTierS, bucketStartMs, type TimeRange } from '@/lib/model/time-range'
import { forgetBucketFloors } from './bucket-floors'
import { query, useDatabase, withTransaction } from './client'
import { dropOldPartitions } from './drop-old-partitions'
import { loadBucketSums } from './load-bucket-sums'
import { ensurePartitions, listPartitions } from './partitions'
import { rollUpBuckets } from './roll-up-buckets'
import { type BucketAddition, saveBuckets } from './save-buckets'
import { createTestDatabase, type TestDatabase } from './test-database'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A full hour, UTC, and the middle of everything here. */
const BASE = 490_000 * HOUR

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const clear = (): Promise<unknown> =>
  query('TRUNCATE edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, storage_floor')
beforeEach(async () => {
  forgetBucketFloors()
  await clear()
})

const part = (atMs: number, connections: number, grainS: BucketTierS = 15): BucketPart => ({
  bucketStartMs: bucketStartMs(atMs, grainS),
  grainS,
  connections,
  events: 0,
  requests: 0,
  requestErrors: 0,
  bytesSent: connections * 10,
  bytesReceived: 0,
  firstMs: atMs,
  lastMs: atMs,
})

const save = (additions: readonly BucketAddition[]): Promise<void> =>
  withTransaction((client) => saveBuckets(client, additions))
const add = (atMs: number, connections: number, grainS: BucketTierS = 15, variantId = '7', dataset = '') =>
  save([{ dataset, variantId, part: part(atMs, connections, grainS) }])
/** Long after every change: nothing is too fresh to be added up. */
const LATER = BASE + 400 * DAY
const rollUpAll = () => rollUpBuckets({ nowMs: LATER, hurry: { fromMs: BASE - 300 * DAY, toMs: LATER } })
const sumOf = async (window: TimeRange, dataset = ''): Promise<number> =>
  (await loadBucketSums(dataset, window)).reduce((sum, row) => sum + row.counters.connections, 0)
const rowsOf = (table: string) =>
  query<{ start: number; connections: number; direct: boolean }>(
    `SELECT bucket_start::float8 AS start, connections::float8 AS connections, is_direct AS direct FROM ${table} ORDER BY 1, 3`,
  )
const marks = async () => (await query<{ n: number }>('SELECT count(*)::int AS n FROM bucket_change'))[0]?.n

describe('rollUpBuckets', () => {
  test('a minute is the sum of its 15 seconds, an hour the sum of its minutes, and no mark is left', async () => {
    await add(BASE + 5 * SECOND, 1)
    await add(BASE + 20 * SECOND, 2)
    await add(BASE + 61 * SECOND, 4)
    await rollUpAll()
    expect(await rowsOf('edge_bucket_1m')).toEqual([
      { start: BASE, connections: 3, direct: false },
      { start: BASE + MINUTE, connections: 4, direct: false },
    ])
    expect(await rowsOf('edge_bucket_1h')).toEqual([{ start: BASE, connections: 7, direct: false }])
    expect(await marks()).toBe(0)
  })

  test('keeps first and last record to the step of each grain', async () => {
    await add(BASE + 7 * MINUTE + 1234, 1)
    await add(BASE + 9 * MINUTE + 4321, 1)
    await rollUpAll()
    const [row] = await loadBucketSums('', { fromMs: BASE, toMs: BASE + HOUR })
    expect(row?.firstMs).toBeGreaterThan(BASE + 7 * MINUTE + 1234 - 240)
    expect(row?.firstMs).toBeLessThanOrEqual(BASE + 7 * MINUTE + 1234)
    expect(row?.lastMs).toBeGreaterThanOrEqual(BASE + 9 * MINUTE + 4321)
    expect(row?.lastMs).toBeLessThan(BASE + 9 * MINUTE + 4321 + 240)
  })

  test('what comes late is in every answer at once, and in the roll-up after the next pass', async () => {
    await add(BASE + 5 * SECOND, 1)
    await rollUpAll()
    await add(BASE + 6 * SECOND, 10)
    expect(await sumOf({ fromMs: BASE, toMs: BASE + HOUR })).toBe(11)
    await rollUpAll()
    expect(await rowsOf('edge_bucket_1h')).toEqual([{ start: BASE, connections: 11, direct: false }])
    expect(await sumOf({ fromMs: BASE, toMs: BASE + HOUR })).toBe(11)
  })

  test('what came in as minutes or hours is counted beside what is added up, and stays when that is computed anew', async () => {
    await add(BASE + 5 * SECOND, 1)
    await add(BASE, 100, 60)
    await add(BASE, 1000, 3600)
    for (const _ of [1, 2]) {
      expect(await sumOf({ fromMs: BASE, toMs: BASE + HOUR })).toBe(1101)
      await rollUpAll()
      expect(await sumOf({ fromMs: BASE, toMs: BASE + HOUR })).toBe(1101)
      expect(await sumOf({ fromMs: BASE, toMs: BASE + MINUTE })).toBe(1101)
    }
  })

  test('a correction that takes everything back leaves no row in the roll-up', async () => {
    await add(BASE + 5 * SECOND, 3)
    await rollUpAll()
    await add(BASE + 5 * SECOND, -3)
    await query('DELETE FROM edge_bucket_15s WHERE connections IS NULL')
    await rollUpAll()
    expect(await rowsOf('edge_bucket_1m')).toEqual([])
    expect(await rowsOf('edge_bucket_1h')).toEqual([])
  })

  test('a minute that is not over, and one that changed a moment ago, wait', async () => {
    await add(BASE + 5 * SECOND, 1)
    expect(await rollUpBuckets({ nowMs: BASE + 59 * SECOND })).toBe(0)
    // The database's clock says when it changed: long after these made-up times.
    expect(await rollUpBuckets({ nowMs: BASE + 10 * MINUTE })).toBe(0)
    expect(await marks()).toBe(1)
  })

  test('pinned datasets are added up by themselves', async () => {
    await add(BASE + 5 * SECOND, 1, 15, '7', '')
    await add(BASE + 5 * SECOND, 2, 15, '8', 'lab')
    await rollUpBuckets({ nowMs: Date.now() + HOUR })
    expect(await sumOf({ fromMs: BASE, toMs: BASE + HOUR }, 'lab')).toBe(2)
    expect(await sumOf({ fromMs: BASE, toMs: BASE + HOUR })).toBe(1)
    expect((await rowsOf('edge_bucket_1h')).map((row) => row.connections).sort()).toEqual([1, 2])
  })

  test('sums of a roll-up equal the sums of its parts, for any records, windows and moments of adding up', async () => {
    const record = fc.record({
      at: fc.integer({ min: 0, max: 3 * HOUR - 1 }),
      connections: fc.integer({ min: 1, max: 1_000_000 }),
      grainS: fc.constantFrom<BucketTierS>(15, 15, 15, 60, 3600),
      variantId: fc.constantFrom('1', '2', '-3'),
    })
    const edge = fc.integer({ min: 0, max: 3 * 240 }).map((slot) => BASE + slot * 15 * SECOND)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(record, { maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(edge, edge), { minLength: 1, maxLength: 4 }),
        async (commits, windows) => {
          await clear()
          for (const records of commits) {
            await save(
              records.map(({ at, connections, grainS, variantId }) => ({
                dataset: '',
                variantId,
                part: part(BASE + at, connections, grainS),
              })),
            )
            for (const [from, to] of windows) {
              const window = { fromMs: Math.min(from, to), toMs: Math.max(from, to) }
              const expected = commits
                .slice(0, commits.indexOf(records) + 1)
                .flat()
                .filter(({ at, grainS }) => {
                  const start = bucketStartMs(BASE + at, grainS)
                  return start < window.toMs && start + grainS * SECOND > window.fromMs
                })
                .reduce((sum, item) => sum + item.connections, 0)
              expect(await sumOf(window)).toBe(window.fromMs < window.toMs ? expected : 0)
            }
            await rollUpAll()
          }
          const [sums] = await query<{ fine: number; minutes: number; hours: number }>(
            `SELECT (SELECT coalesce(sum(connections), 0) FROM edge_bucket)::float8 AS fine,
               (SELECT coalesce(sum(connections), 0) FROM edge_bucket_1m)::float8 + (SELECT coalesce(sum(connections), 0) FROM edge_bucket_1h WHERE is_direct)::float8 AS minutes,
               (SELECT coalesce(sum(connections), 0) FROM edge_bucket_1h)::float8 AS hours`,
          )
          expect([sums?.minutes, sums?.hours]).toEqual([sums?.fine, sums?.fine])
        },
      ),
      { numRuns: 12, seed: 4 },
    )
  })

  test('writers, readers and two workers at once: every answer is a sum of whole commits, and at last all is counted', async () => {
    const commits = 400
    let written = 0
    const write = async () => {
      for (; written < commits; ) {
        written += 1
        // Two rows of different hours in one commit: an odd sum would be half of one.
        const at = BASE + (written % 2) * MINUTE
        await save([
          { dataset: '', variantId: '1', part: part(at, 1) },
          { dataset: '', variantId: '2', part: part(at + HOUR, 1) },
        ])
      }
    }
    const odd: number[] = []
    const seen: number[] = []
    const read = async () => {
      while (written < commits) {
        const sum = await sumOf({ fromMs: BASE, toMs: BASE + 2 * HOUR })
        if (sum % 2 !== 0) odd.push(sum)
        seen.push(sum)
      }
    }
    const work = async () => {
      while (written < commits) await rollUpAll()
    }
    await Promise.all([write(), write(), read(), work(), work()])
    expect(odd).toEqual([])
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    await rollUpAll()
    expect(await sumOf({ fromMs: BASE, toMs: BASE + 2 * HOUR })).toBe(2 * commits)
    const [hours] = await query<{ n: number }>('SELECT sum(connections)::float8 AS n FROM edge_bucket_1h')
    expect(hours?.n).toBe(2 * commits)
  })
})

describe('dropOldPartitions', () => {
  const RETENTION = { evidence: 2 * DAY, buckets15s: 2 * DAY, buckets1m: 10 * DAY, buckets1h: 400 * DAY }

  test('adds up what it drops, so that older windows are answered from the coarser grain', async () => {
    await add(BASE + 5 * SECOND, 1)
    await add(BASE + 3 * DAY, 10)
    const dropped = await dropOldPartitions(RETENTION, BASE + 4 * DAY)
    expect(dropped).toContain(`edge_bucket_15s${nameAt(BASE)}`)
    expect((await listPartitions('edge_bucket_15s')).map(({ fromMs }) => fromMs)).toEqual([
      Math.floor((BASE + 3 * DAY) / (6 * HOUR)) * 6 * HOUR,
    ])
    expect(await sumOf({ fromMs: BASE - HOUR, toMs: BASE + HOUR })).toBe(1)
    // The minute reaches over the window's edge, and is all there is.
    expect(await sumOf({ fromMs: BASE + 30 * SECOND, toMs: BASE + HOUR })).toBe(1)
    await dropOldPartitions(RETENTION, BASE + 15 * DAY)
    expect(await sumOf({ fromMs: BASE + 30 * MINUTE, toMs: BASE + HOUR })).toBe(1)
  })

  test('a record from before the rows that are kept, once retention was lengthened, enters at the grain that is there', async () => {
    await add(BASE + 5 * SECOND, 1)
    await dropOldPartitions(RETENTION, BASE + 4 * DAY)
    await add(BASE + 20 * SECOND, 10)
    await rollUpAll()
    expect(await sumOf({ fromMs: BASE, toMs: BASE + HOUR })).toBe(11)
    await dropOldPartitions(RETENTION, BASE + 15 * DAY)
    await add(BASE + 30 * SECOND, 100)
    await rollUpAll()
    expect(await sumOf({ fromMs: BASE, toMs: BASE + HOUR })).toBe(111)
  })

  test('leaves pinned datasets alone, whatever their age', async () => {
    await add(BASE - 300 * DAY, 5, 15, '9', 'lab')
    await dropOldPartitions(RETENTION, BASE + 4 * DAY)
    expect(await sumOf({ fromMs: BASE - 301 * DAY, toMs: BASE }, 'lab')).toBe(5)
  })

  test('a row for a partition that was dropped elsewhere makes it anew', async () => {
    await add(BASE + 5 * SECOND, 1)
    for (const { name } of await listPartitions('edge_bucket_15s')) await query(`DROP TABLE ${name}`)
    await add(BASE + 5 * SECOND, 2)
    expect(await sumOf({ fromMs: BASE, toMs: BASE + MINUTE })).toBe(2)
  })

  test('ends what a crash left half dropped', async () => {
    await ensurePartitions('edge_bucket_15s', [BASE - 90 * DAY, BASE - 100 * DAY])
    const [detached] = await listPartitions('edge_bucket_15s')
    await query(`ALTER TABLE edge_bucket_15s DETACH PARTITION ${detached?.name}`)
    await dropOldPartitions(RETENTION, BASE - 80 * DAY)
    const left = await query(`SELECT FROM pg_class WHERE relname = $1`, [detached?.name])
    expect(left).toEqual([])
  })
})

const nameAt = (ms: number): string =>
  `_p${new Date(Math.floor(ms / (6 * HOUR)) * 6 * HOUR).toISOString().replace(/\D/g, '').slice(0, 10)}`
