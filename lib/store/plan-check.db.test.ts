import { afterAll, beforeAll, expect, it } from 'vitest'
import { query, useDatabase } from './client'
import { ensurePartitions } from './partitions'
import { expectIndexed, statementsOf } from './plan-check'
import { createTestDatabase } from './test-database'

const HOUR_MS = 3600_000
const DAY_MS = 24 * HOUR_MS
const BUCKETS = 'SELECT * FROM edge_bucket_1m WHERE dataset = $1 AND bucket_start >= $2 AND bucket_start < $3'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  await ensurePartitions('edge_bucket_1m', [0, DAY_MS, 2 * DAY_MS])
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

it('a statement that reads by index within its window passes', async () => {
  await expectIndexed(BUCKETS, ['', 0, DAY_MS])
  await expectIndexed(BUCKETS, ['', HOUR_MS, DAY_MS + HOUR_MS], { maxPartitions: 2 })
  await expectIndexed('SELECT * FROM endpoint WHERE id = ANY($1::bigint[])', [[1, 2]])
})

it('one that reads partitions beyond its window fails', async () => {
  await expect(expectIndexed(BUCKETS, ['', 0, 2 * DAY_MS])).rejects.toThrow('2 partitions of edge_bucket_1m')
})

it('one that no index serves fails, unless the table may be read whole', async () => {
  const unindexed = 'SELECT * FROM policy_trace WHERE enforced IS NULL'
  await expect(expectIndexed(unindexed, [])).rejects.toThrow('reads all of policy_trace')
  await expectIndexed(unindexed, [], { scanned: ['policy_trace'] })
})

it('one whose condition does not begin with the first column of an index fails: it walks the whole of it', async () => {
  const limits = { maxPartitions: 4 }
  const ordered = 'SELECT bucket_start FROM edge_bucket_1m ORDER BY bucket_start, variant_id'
  await expect(expectIndexed(ordered, [], limits)).rejects.toThrow('reads all of the index')
  const later = 'SELECT bucket_start FROM edge_bucket_1m WHERE dataset = $1 ORDER BY bucket_start, variant_id'
  await expect(expectIndexed(later, [''], limits)).rejects.toThrow('reads all of the index')
})

it('the statements of a piece of work are told, with their values', async () => {
  const sent = await statementsOf(() => query('SELECT 1 AS one WHERE $1', [true]))
  expect(sent).toEqual([{ text: 'SELECT 1 AS one WHERE $1', values: [true] }])
})
