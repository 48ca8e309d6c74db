import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { pool, query, useDatabase } from './client'
import { loadCoverage } from './load-coverage'
import { loadSourceActivity } from './load-source-activity'
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

  it('within two of its intervals, and speaks again with its next word', async () => {
    // It sends every five minutes; a moment after the second interval it is silent, and not a moment before.
    await heard(every(5, 9.9))
    expect(await isSilent()).toEqual([false])
    await query(
      `UPDATE source_minute SET minute = minute - interval '1 minute', last_received = last_received - interval '12 seconds'`,
    )
    expect(await isSilent()).toEqual([true])
    await heard([0])
    expect(await isSilent()).toEqual([false])
  })

  it('never in a pinned dataset, which nobody sends to for good', async () => {
    await heard([300], 'old')
    expect(await isSilent('old')).toEqual([false])
  })
})

describe('sources that have sent for long', () => {
  it('are each told once, with what they sent in the window and their newest record', async () => {
    await heard([1, 2, 300])
    await heard([1], 'old')
    await query(`INSERT INTO source_minute SELECT '', source, cluster, hop, minute, accepted, duplicates, rejected, last_received, last_record
      FROM (VALUES ('dns', 'prod', ''), ('nat', 'prod', 'a'), ('nat', 'prod', 'b'), ('nat', 'edge', 'a')) AS k(source, cluster, hop),
        (SELECT minute, accepted, duplicates, rejected, last_received, last_record FROM source_minute WHERE dataset = 'old') m`)
    const nowMs = Date.now()
    const rows = await loadCoverage('', { fromMs: nowMs - 900_000, toMs: nowMs })
    expect(rows.map(({ source, cluster, hop, acceptedInWindow }) => [source, cluster, hop, acceptedInWindow])).toEqual([
      ['dns', 'prod', undefined, 5],
      ['hubble', 'prod', undefined, 10],
      ['nat', 'edge', 'a', 5],
      ['nat', 'prod', 'a', 5],
      ['nat', 'prod', 'b', 5],
    ])
  })

  it('are not read from their beginning: no pass over all minutes', async () => {
    await query(`INSERT INTO source_minute (dataset, source, cluster, hop, minute, accepted, duplicates, rejected, last_received, last_record)
      SELECT '', s, 'prod', '', date_trunc('minute', now()) - m * interval '1 minute', 1, 0, 0, now(), now()
      FROM generate_series(1, 20000) m, unnest(ARRAY['hubble', 'nat', 'otlp']) s`)
    await query('ANALYZE source_minute')
    const asked = vi.spyOn(pool(), 'query')
    const nowMs = Date.now()
    const window = { fromMs: nowMs - 900_000, toMs: nowMs }
    await loadCoverage('', window)
    await loadSourceActivity('', window)
    const calls = asked.mock.calls.map(([text, values]: readonly unknown[]) => ({ text: String(text), values }))
    asked.mockRestore()
    expect(calls.length).toBeGreaterThan(1)
    for (const { text, values } of calls) {
      const plan = await query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, Array.isArray(values) ? values : [])
      expect(plan.map((row) => row['QUERY PLAN']).join('\n')).not.toMatch(/Seq Scan on source_minute/)
    }
  })
})
