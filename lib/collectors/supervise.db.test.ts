import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CollectorStatus } from '@/lib/model/collector'
import { logger } from '@/lib/observability/logger'
import { createCalicoDecoder } from '@/lib/sources/calico/decode'
import { query, useDatabase } from '@/lib/store/client'
import { loadCollectors, saveCollector } from '@/lib/store/collectors'
import { createTestDatabase } from '@/lib/store/test-database'
import { openPull } from '@/lib/usecases/pull-records'
import { type Collector, CollectorFailure } from './collector'
import { commitPull } from './commit-pull'
import { pause } from './pause'
import { supervise } from './supervise'

const NOW_S = Date.parse('2026-11-24T12:00:00Z') / 1000
const NAME = 'puller'
const TIMES = { firstPauseMs: 20, longestPauseMs: 50, lastingPauseMs: 50 }
const BATCH = 5
const OVERLAP = 7

let database: Awaited<ReturnType<typeof createTestDatabase>>
const running: { ending: AbortController; over: Promise<void> }[] = []
/** Replicas that worked, in order. */
let worked: string[] = []
/** Records that each run read again. */
let readAgain: number[] = []
/** Records that the other side has so far. */
let offered = 0

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  worked = []
  readAgain = []
  offered = 0
  await query(
    'TRUNCATE ingest_batch, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, flow_record, source_minute, seen_record, collector',
  )
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const { ending } of running) ending.abort()
  await Promise.all(running.splice(0).map(({ over }) => over))
})

const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 20_000, interval: 20 })
const rowOf = async () => (await loadCollectors()).find(({ name }) => name === NAME)
const collectorOf = (isExclusive: boolean, run: Collector['run']): Collector => ({
  name: NAME,
  kind: 'goldmane',
  source: 'calico',
  cluster: 'prod',
  isExclusive,
  run,
})

function start(collector: Collector) {
  const ending = new AbortController()
  const one = { ending, over: supervise(collector, ending.signal, TIMES) }
  running.push(one)
  return one
}

/** The n-th record of the other side: one connection each, no two alike. */
const record = (n: number) => ({
  flow: {
    Key: {
      source_name: `agent-${n}-*`,
      source_namespace: 'ml',
      source_type: 'WorkloadEndpoint',
      dest_name: 'store-*',
      dest_namespace: 'rag',
      dest_type: 'WorkloadEndpoint',
      dest_port: 443,
      proto: 'tcp',
      reporter: 'Src',
      action: 'Allow',
      policies: { enforced_policies: [{ kind: 'Profile', name: 'kns.ml', action: 'Allow' }] },
    },
    start_time: NOW_S - 300,
    end_time: NOW_S - 285,
    bytes_out: 100,
    num_connections_started: 1,
  },
})

/** A collector that reads records with overlap, batch by batch, from the cursor committed last. */
const puller = (replica: string): Collector =>
  collectorOf(true, async (context) => {
    worked.push(replica)
    const pull = await openPull({
      collector: NAME,
      source: 'calico',
      cluster: 'prod',
      defaultCluster: 'default',
      retentionMs: 24 * 3_600_000,
      overlapMs: 3_600_000,
    })
    context.report({ state: 'connected', address: replica })
    const cursor = typeof pull.cursor === 'number' ? pull.cursor : 0
    let next = Math.max(0, cursor - OVERLAP)
    readAgain.push(cursor - next)
    while (!context.signal.aborted) {
      const to = Math.min(offered, next + BATCH)
      if (to === next) {
        await pause(5, context.signal)
        continue
      }
      const decoder = createCalicoDecoder()
      for (let n = next; n < to; n += 1) decoder.push(record(n), n + 1)
      const batch = { pull, decoded: decoder.finish(), cursor: to, retryMs: 20, signal: context.signal }
      const settings = { ...context, now: () => NOW_S * 1000 }
      if (await commitPull({ ...batch, context: settings, onDatabase: () => undefined })) next = to
    }
  })

const connections = async () => {
  const [row] = await query<{ sum: number }>('SELECT coalesce(sum(connections), 0)::float8 AS sum FROM edge_bucket')
  return row?.sum
}
/** The connection that holds a duty. */
const HOLDER = `SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = 'postern-duty' AND a.datname = current_database()`

describe('two replicas with one exclusive collector', () => {
  it('one works, the other is on standby and takes over when the first loses its lock; nothing is pulled twice or lost', async () => {
    const said = vi.spyOn(logger(), 'info')
    const isStandby = (times: number) =>
      until(() => expect(said.mock.calls.filter(([fields]) => has(fields, 'standby'))).toHaveLength(times))
    start(puller('a'))
    await until(() => expect(worked).toEqual(['a']))
    start(puller('b'))
    await isStandby(1)
    offered = 40
    await until(async () => expect(await connections()).toBe(40))
    expect(worked).toEqual(['a'])
    await until(async () => expect(await rowOf()).toMatchObject({ state: 'connected', address: 'a' }))
    expect(await query(HOLDER)).toHaveLength(1)

    // In the midst of its work.
    offered = 2000
    await until(async () => expect(await connections()).toBeGreaterThan(60))
    await query(`SELECT pg_terminate_backend(pid) FROM (${HOLDER}) h`)
    await until(() => expect(worked).toContain('b'))
    await isStandby(2)
    await until(async () => expect(await rowOf()).toMatchObject({ state: 'connected', address: 'b' }))
    offered = Math.min(offered, (await cursor()) + 50)
    await until(async () => expect(await connections()).toBe(offered))
    expect(await query(HOLDER)).toHaveLength(1)
    for (const { ending } of running) ending.abort()
    await Promise.all(running.splice(0).map(({ over }) => over))

    expect(await connections()).toBe(offered)
    // Where the first one's last batch crossed the hand-over, the second begins once more behind it.
    expect([...new Set(worked)]).toEqual(['a', 'b'])
    expect([...new Set(readAgain)]).toEqual([0, OVERLAP])
    expect(await rowOf()).toMatchObject({ state: 'stopped' })
    expect(await query(HOLDER)).toEqual([])
  })

  const cursor = async () => {
    const [row] = await query<{ cursor: number }>('SELECT cursor FROM collector WHERE name = $1', [NAME])
    return row?.cursor ?? 0
  }
  const has = (fields: unknown, state: string) =>
    typeof fields === 'object' && fields !== null && 'state' in fields && fields.state === state

  it('the one on standby leaves the word to the one on duty, but for a minute of silence', async () => {
    const say = (status: CollectorStatus, isOnDuty: boolean) =>
      saveCollector({ name: NAME, kind: 'goldmane', source: 'calico', cluster: 'prod', status, isOnDuty })
    await say({ state: 'standby' }, false)
    expect(await rowOf()).toMatchObject({ state: 'standby' })
    await say({ state: 'connected', address: 'a' }, true)
    for (const state of ['standby', 'starting', 'stopped'] as const) {
      await say({ state }, false)
      expect(await rowOf()).toMatchObject({ state: 'connected', address: 'a' })
    }
    await query(`UPDATE collector SET updated_at = updated_at - interval '61 s'`)
    await say({ state: 'standby' }, false)
    expect(await rowOf()).toMatchObject({ state: 'standby' })
    await say({ state: 'stopped' }, true)
    await say({ state: 'standby' }, false)
    expect(await rowOf()).toMatchObject({ state: 'standby' })
  })

  it('where the database is away, does not claim that another replica works', async () => {
    const said = vi.spyOn(logger(), 'warn')
    await useDatabase('postgresql://nobody@127.0.0.1:1/none')
    try {
      start(puller('a'))
      await until(() =>
        expect(said).toHaveBeenCalledWith(
          expect.objectContaining({ collector: NAME, state: 'retrying', detail: 'The database is away.' }),
          expect.any(String),
        ),
      )
      expect(worked).toEqual([])
    } finally {
      await useDatabase(database.url)
    }
    await until(() => expect(worked).toEqual(['a']))
  })
})

describe('what a supervisor says of a collector that failed', () => {
  /** Says these of itself in one run after the other, and fails after each. */
  function failing(...runs: readonly (readonly CollectorStatus[])[]): Collector {
    let run = 0
    return collectorOf(false, async ({ report, signal }) => {
      const own = runs[run]
      run += 1
      if (!own) return pause(60_000, signal)
      for (const status of own) report(status)
      throw new CollectorFailure(`failure ${run}`, 'mend it')
    })
  }
  const known = {
    address: 'relay:80',
    nodes: { connected: 2, unavailable: 1, unavailableNames: ['n3'] },
    missingKinds: [{ kind: 'Service', why: 'forbidden' }],
  }

  it('keeps the address, the nodes and the kinds that the collector told last', async () => {
    start(failing([{ state: 'connected', ...known }]))
    await until(async () => expect(await rowOf()).toMatchObject({ state: 'retrying', detail: 'failure 1', ...known }))
  })

  it('also over a run that never got so far, but not what a later one no longer said', async () => {
    start(failing([{ state: 'connected', ...known }], [{ state: 'starting', address: 'relay:81' }]))
    await until(async () =>
      expect(await rowOf()).toMatchObject({ state: 'retrying', detail: 'failure 2', ...known, address: 'relay:81' }),
    )
    for (const { ending } of running) ending.abort()
    await Promise.all(running.splice(0).map(({ over }) => over))

    start(failing([{ state: 'connected', ...known }], [{ state: 'connected', address: 'relay:81' }]))
    await until(async () => expect(await rowOf()).toMatchObject({ state: 'retrying', detail: 'failure 2' }))
    expect(await rowOf()).not.toHaveProperty('nodes')
  })
})
