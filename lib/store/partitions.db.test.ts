import { afterAll, beforeAll, expect, test } from 'vitest'
import { query, useDatabase } from './client'
import { dropOldPartitions } from './drop-old-partitions'
import { ensurePartitions, listPartitions, PARTITIONED, partitionedTables } from './partitions'
import { createTestDatabase, type TestDatabase } from './test-database'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.parse('2026-11-26T12:00:00Z')

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

test('the list of partitioned tables is that of the database, each with one partition for all pinned datasets', async () => {
  const rows = await query<{ name: string; key: string; pinned: string | null }>(
    `SELECT c.relname AS name, pg_get_partkeydef(c.oid) AS key, to_regclass(c.relname || '_pinned')::text AS pinned
     FROM pg_class c WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`,
  )
  expect(rows.map((row) => row.name)).toEqual(partitionedTables().sort())
  expect(
    rows.filter(({ key, name, pinned }) => !/^RANGE \(dataset, \w+\)$/.test(key) || pinned !== `${name}_pinned`),
  ).toEqual([])
})

test.each(partitionedTables())(
  '%s: a partition is listed with its bounds, made once however often, and dropped past retention',
  async (table) => {
    const { widthMs } = PARTITIONED[table]
    const timeMs = NOW - 500 * DAY
    await Promise.all([1, 2, 3].map(() => ensurePartitions(table, [timeMs, NOW])))
    const made = await listPartitions(table)
    expect(made.map(({ fromMs, toMs }) => [fromMs <= timeMs || fromMs <= NOW, toMs - fromMs])).toEqual([
      [true, widthMs],
      [true, widthMs],
    ])
    expect(made.filter(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs)).toHaveLength(1)
    const retention = { evidence: 7 * DAY, buckets15s: 3 * DAY, buckets1m: 30 * DAY, buckets1h: 400 * DAY }
    await dropOldPartitions(retention, NOW)
    expect((await listPartitions(table)).filter(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs)).toEqual([])
    expect(await listPartitions(table)).toHaveLength(1)
  },
)
