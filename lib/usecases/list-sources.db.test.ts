import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { saveCollector } from '@/lib/store/collectors'
import { createTestDatabase } from '@/lib/store/test-database'
import { listSources } from './list-sources'
import { renderMetrics } from './render-metrics'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() => query('TRUNCATE source_minute, source_reject, gap, collector CASCADE'))

/** A source of cluster prod that was heard at these minutes before now, its newest record 3 s before its receipt. */
const heard = (minutesAgo: readonly number[], accepted = 60, hop = '') =>
  query(
    `INSERT INTO source_minute (dataset, source, cluster, hop, minute, accepted, duplicates, rejected, last_received, last_record)
     SELECT '', 'hubble', 'prod', $3, date_trunc('minute', now() - m * interval '1 minute'), $2, 0, 0,
       now() - m * interval '1 minute', now() - m * interval '1 minute' - interval '3 seconds' FROM unnest($1::int[]) AS u(m)`,
    [minutesAgo, accepted, hop],
  )
const lost = (secondsAgo: number, count: number | null, node = 'n1') =>
  query(
    `INSERT INTO gap (id, dataset, source, cluster, node, reason, at, lost)
     VALUES ($1::bigint, '', 'hubble', 'prod', $2, 'HUBBLE_RING_BUFFER', now() - $1::bigint * interval '1 second', $3)`,
    [secondsAgo, node, count],
  )
const report = (windowMs = 900_000) => {
  const nowMs = Date.now()
  return listSources({ dataset: '', fromMs: nowMs - windowMs }, nowMs)
}

describe('the list of sources', () => {
  it('tells lag, first word and the rate of the last minutes', async () => {
    await heard([0, 1, 2, 3, 4, 60])
    const [line] = (await report()).sources
    expect(line?.lagMs).toBe(3000)
    expect(line?.firstReceivedMs).toBeLessThanOrEqual(Date.now() - 3_600_000)
    // 300 records in four minutes and the begun one.
    expect(line?.recordsPerSecond).toBeGreaterThanOrEqual(1)
    expect(line?.recordsPerSecond).toBeLessThanOrEqual(1.26)
  })

  it('the lag is that of the newest record: what is refused later does not make it grow', async () => {
    await heard([10])
    await query(
      `INSERT INTO source_minute (dataset, source, cluster, hop, minute, accepted, duplicates, rejected, last_received)
       VALUES ('', 'hubble', 'prod', '', date_trunc('minute', now()), 0, 0, 5, now())`,
    )
    expect((await report()).sources[0]?.lagMs).toBe(3000)
  })

  it('a source that is heard no more has no rate, though it was heard in the window', async () => {
    await heard([10])
    expect((await report()).sources[0]).toMatchObject({ acceptedInWindow: 60, recordsPerSecond: 0 })
  })

  it('rejects come by reason, the most frequent first, with the hint of their source', async () => {
    await heard([0])
    await query(
      `INSERT INTO source_reject (dataset, source, cluster, hop, minute, reason, count)
       VALUES ('', 'hubble', 'prod', '', date_trunc('minute', now()), 'not_json', 2),
         ('', 'hubble', 'prod', '', date_trunc('minute', now()), 'missing_endpoints', 9)`,
    )
    expect((await report()).sources[0]?.rejects).toEqual([
      { reason: 'missing_endpoints', count: 9, hint: expect.stringContaining('field mask') },
      { reason: 'not_json', count: 2, hint: expect.stringContaining('one JSON object per line') },
    ])
  })

  it('the newest five gaps of the window come with their times; all are counted', async () => {
    await heard([0])
    for (const secondsAgo of [10, 20, 30, 40, 50, 60]) await lost(secondsAgo, secondsAgo === 20 ? null : 7)
    await lost(5000, 1000)
    const [line] = (await report()).sources
    expect(line).toMatchObject({ gapsInWindow: 6, lostInWindow: 35 })
    expect(line?.gaps.map((gap) => gap.lost)).toEqual([7, undefined, 7, 7, 7])
    expect(line?.gaps[0]).toMatchObject({ node: 'n1', reason: 'HUBBLE_RING_BUFFER' })
  })

  it('an inventory that watches is not silent because nothing changes; one whose watch broke is', async () => {
    await query(
      `INSERT INTO source_minute (dataset, source, cluster, hop, minute, accepted, duplicates, rejected, last_received)
       VALUES ('', 'kubernetes', 'prod', '', date_trunc('minute', now()) - interval '1 hour', 9, 0, 0, now() - interval '1 hour')`,
    )
    const isSilent = async () => (await report()).sources[0]?.isSilent
    const say = (state: 'connected' | 'retrying', cluster = 'prod') =>
      saveCollector({ name: 'inventory', kind: 'kubernetes', source: 'kubernetes', cluster, status: { state } })
    expect(await isSilent()).toBe(true)
    await say('connected')
    expect(await isSilent()).toBe(false)
    await say('retrying')
    expect(await isSilent()).toBe(true)
    await say('connected', 'another')
    expect(await isSilent()).toBe(true)
    await say('connected')
    await query("UPDATE collector SET updated_at = now() - interval '61 seconds'")
    expect(await isSilent()).toBe(true)
  })

  it('collectors stand beside the live sources, not beside those of a pinned dataset', async () => {
    await enter('relay', 'connected')
    expect((await report()).collectors).toMatchObject([{ name: 'relay', nodes: { connected: 11, unavailable: 1 } }])
    const nowMs = Date.now()
    expect((await listSources({ dataset: 'old', fromMs: 0 }, nowMs)).collectors).toEqual([])
  })
})

const enter = (name: string, state: 'connected' | 'retrying') =>
  saveCollector({
    name,
    kind: 'hubble-relay',
    source: 'hubble',
    cluster: 'prod',
    status: { state, nodes: { connected: 11, unavailable: 1, unavailableNames: ['worker-3'] } },
  })

describe('metrics', () => {
  it('tell lag and losses per source, and which collectors do their work', async () => {
    await heard([0])
    await lost(10, 7)
    await enter('up', 'connected')
    await enter('down', 'retrying')
    await enter('dead', 'connected')
    await query("UPDATE collector SET updated_at = now() - interval '61 seconds' WHERE name = 'dead'")
    const lines = (await renderMetrics(Date.now())).split('\n')
    for (const expected of [
      'postern_source_lag_seconds{source="hubble",cluster="prod",hop=""} 3',
      'postern_source_gaps{source="hubble",cluster="prod",hop=""} 1',
      'postern_source_lost_records{source="hubble",cluster="prod",hop=""} 7',
      'postern_collector_up{collector="up",kind="hubble-relay"} 1',
      'postern_collector_up{collector="down",kind="hubble-relay"} 0',
      'postern_collector_up{collector="dead",kind="hubble-relay"} 0',
      'postern_collector_unavailable_nodes{collector="up",kind="hubble-relay"} 1',
    ])
      expect(lines).toContain(expected)
  })
})
