import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { query, useDatabase } from './client'
import { loadCoverage } from './load-coverage'
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
beforeEach(() => query('TRUNCATE source_minute'))

/** Heard at these minutes before now. */
const heard = (minutesAgo: readonly number[], dataset = '') =>
  query(
    `INSERT INTO source_minute (dataset, source, cluster, hop, minute, accepted, duplicates, rejected, last_received, last_record)
     SELECT $2, 'hubble', 'prod', '', date_trunc('minute', now() - m * interval '1 minute'), 5, 0, 1, now() - m * interval '1 minute', now()
     FROM unnest($1::float8[]) AS u(m)`,
    [minutesAgo, dataset],
  )
const isSilent = async (dataset = '') => {
  const nowMs = Date.now()
  return (await loadCoverage(dataset, { fromMs: nowMs - 900_000, toMs: nowMs })).map((source) => source.isSilent)
}
const every = (step: number, from: number) => Array.from({ length: 8 }, (_, index) => from + index * step)

describe('a source is silent', () => {
  it('once it was quiet for two minutes', async () => {
    await heard(every(1, 0.5))
    expect(await isSilent()).toEqual([false])
    await query('TRUNCATE source_minute')
    await heard(every(1, 3))
    expect(await isSilent()).toEqual([true])
  })

  it('only after twice its usual gap, where it sends less often', async () => {
    await heard(every(5, 7))
    expect(await isSilent()).toEqual([false])
    await query('TRUNCATE source_minute')
    await heard(every(5, 12))
    expect(await isSilent()).toEqual([true])
  })

  it('never in a pinned dataset, which nobody sends to for good', async () => {
    await heard([300], 'old')
    expect(await isSilent('old')).toEqual([false])
  })
})
