import { afterAll, beforeAll, expect, it } from 'vitest'
import { pool, query, useDatabase } from './client'
import { groupTraces, placeOfTraces } from './load-trace-spans'
import { ensurePartitions } from './partitions'
import { createTestDatabase } from './test-database'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

it('traces are read in groups of bounded size, each trace once, a long one counted as what is read of it', async () => {
  await ensurePartitions('span', [Date.now()])
  await query(
    `INSERT INTO span (dataset, trace_id, span_id, counts_call, counts_ai_call, start_at, duration_ns, is_error, span)
     SELECT '', t.trace, lpad(i::text, 16, '0'), false, false, now(), 0, false, '{}'
     FROM (VALUES ('a', 3), ('b', 3), ('c', 1), ('long', 1500)) AS t(trace, spans) CROSS JOIN LATERAL generate_series(1, t.spans) AS i`,
  )
  const place = placeOfTraces('', [Date.now()])
  const groups = await groupTraces(pool(), place, ['a', 'b', 'c', 'long', 'new'], 1002)
  expect(groups.flatMap((group) => [...group]).sort()).toEqual(['a', 'b', 'c', 'long', 'new'])
  expect(groups.map((group) => [...group].sort())).toEqual([
    ['a', 'b', 'c'],
    ['long', 'new'],
  ])
  expect(await groupTraces(pool(), place, ['a', 'b'])).toEqual([new Set(['a', 'b'])])
})
