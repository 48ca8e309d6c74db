import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { pool, query, useDatabase, withTransaction } from './client'
import { graphChangeReader } from './graph-changes'
import { notifyGraph } from './notify-graph'
import { createTestDatabase } from './test-database'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  // The connection that listens is made in its own time, and then everything counts as changed once more.
  const early = graphChangeReader()
  await vi.waitFor(
    async () => {
      const listening = await query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'`,
      )
      expect(listening).not.toEqual([])
      await early()
      expect(await early()).toEqual([])
    },
    { timeout: 10_000 },
  )
})
afterEach(() => {
  vi.restoreAllMocks()
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const change = (cluster: string, dataset = '') => ({ dataset, cluster, egress: false })
const commit = (...clusters: string[]) =>
  withTransaction((client) =>
    notifyGraph(
      client,
      clusters.map((cluster) => change(cluster)),
    ),
  )

/** A reader that has answered once, with its listening connection made: what it tells is what came since. */
async function reader(): Promise<ReturnType<typeof graphChangeReader>> {
  const read = graphChangeReader()
  await vi.waitFor(async () => {
    await read()
    expect(await read()).toEqual([])
  })
  return read
}

async function open(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  return client
}

describe('what changed', () => {
  it('is everything at first, then each commit once, with its clusters', async () => {
    const read = graphChangeReader()
    expect(await read()).toBe('everything')
    await vi.waitFor(async () => expect(await read()).toEqual([]))
    await commit('a', 'b')
    await commit('b')
    expect(await read()).toEqual(
      expect.arrayContaining([
        { dataset: '', cluster: 'a' },
        { dataset: '', cluster: 'b' },
      ]),
    )
    expect(await read()).toEqual([])
  })

  it('is told when it can be read, also of a transaction that took its revision long before others and commits after them', async () => {
    const read = await reader()
    const slow = await open()
    try {
      await slow.query('BEGIN')
      await notifyGraph(slow, [change('slow')])
      await commit('quick')
      expect(await read()).toEqual([{ dataset: '', cluster: 'quick' }])
      await commit('quick')
      expect(await read()).toEqual([{ dataset: '', cluster: 'quick' }])
      await slow.query('COMMIT')
      expect(await read()).toEqual([{ dataset: '', cluster: 'slow' }])
      expect(await read()).toEqual([])
    } finally {
      await slow.end()
    }
  })

  it('is nothing where the transaction was rolled back', async () => {
    const read = await reader()
    const client = await open()
    await client.query('BEGIN')
    await notifyGraph(client, [change('gone')])
    await client.query('ROLLBACK')
    await client.end()
    expect(await read()).toEqual([])
  })

  it('is everything after a failure, and after a minute without asking', async () => {
    const read = await reader()
    const failing = vi.spyOn(pool(), 'query').mockRejectedValueOnce(new Error('away'))
    await expect(read()).rejects.toThrow('away')
    failing.mockRestore()
    expect(await read()).toBe('everything')
    expect(await read()).toEqual([])
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 61_000)
    expect(await read()).toBe('everything')
  })

  it('is everything after the listening connection was lost, which an unlogged table may have been emptied with', async () => {
    const read = await reader()
    await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'postern-listen' AND datname = current_database()`)
    await vi.waitFor(async () => expect(await read()).toBe('everything'), { timeout: 10_000 })
  })

  it('fits a notification whatever the number of clusters and whatever their names: too many mean everything', async () => {
    const read = await reader()
    const listener = await open()
    const heard = new Promise<string>((resolve) => {
      listener.on('notification', ({ payload }) => resolve(payload ?? ''))
    })
    await listener.query('LISTEN postern_graph')
    const clusters = Array.from({ length: 5000 }, (_, index) => `${index} "'\\ ${'ü'.repeat(200)}`)
    await withTransaction((client) =>
      notifyGraph(
        client,
        clusters.map((cluster) => ({ ...change(cluster), egress: cluster.startsWith('4000 ') })),
      ),
    )
    const payload = await heard
    await listener.end()
    expect(Buffer.byteLength(payload)).toBeLessThan(200)
    expect(JSON.parse(payload)).toEqual({ revision: expect.stringMatching(/^\d+$/), egress: true })
    expect(await read()).toBe('everything')
    await commit(...clusters.slice(0, 200))
    expect(await read()).toHaveLength(200)
  })
})

describe('the table of changes', () => {
  it('is read by its key, however many changes it holds', async () => {
    await query(`INSERT INTO graph_change (xid, revision, datasets, clusters, at)
      SELECT 1, n, '{""}', '{"old"}', now() FROM generate_series(1, 20000) AS n`)
    await query('ANALYZE graph_change')
    const read = await reader()
    const asked = vi.spyOn(pool(), 'query')
    await read()
    const [text, values] = asked.mock.calls.find(([sql]) => String(sql).includes('pg_visible_in_snapshot')) ?? []
    const given: readonly unknown[] = Array.isArray(values) ? values : []
    const plan = await query<{ 'QUERY PLAN': string }>(`EXPLAIN ${String(text)}`, given)
    const lines = plan.map((row) => row['QUERY PLAN']).join('\n')
    expect(lines).toMatch(/Index.* graph_change_pkey/)
    expect(lines).not.toContain('Seq Scan')
  })

  it('forgets what is older than two minutes', async () => {
    await commit('old')
    await query(`UPDATE graph_change SET at = now() - interval '121 seconds'`)
    await commit('new')
    await graphChangeReader()()
    await vi.waitFor(async () =>
      expect(await query('SELECT clusters FROM graph_change')).toEqual([{ clusters: ['new'] }]),
    )
  })
})
