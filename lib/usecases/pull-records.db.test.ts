import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleFlow } from '@/lib/demo/sample-flow'
import { emptyDecodeResult } from '@/lib/model/decoded'
import type { Flow } from '@/lib/model/flow'
import { query, useDatabase } from '@/lib/store/client'
import { saveCollector } from '@/lib/store/collectors'
import { createTestDatabase } from '@/lib/store/test-database'
import { openPull } from './pull-records'

const NOW = Date.parse('2026-11-24T12:00:00Z')
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const settings = (collector: string) => ({
  collector,
  source: 'hubble' as const,
  cluster: collector,
  defaultCluster: 'default',
  retentionMs: 3_600_000,
  overlapMs: 30_000,
})
const enter = (name: string) =>
  saveCollector({
    name,
    kind: 'hubble-relay',
    source: 'hubble',
    cluster: name,
    status: { state: 'connected' },
  })
const flow = (n: number): Flow => sampleFlow({ recordKey: `record-${n}`, startMs: NOW - 60_000 + n * 1000 })
const decoded = (...ns: readonly number[]) => ({ ...emptyDecodeResult(), flows: ns.map(flow) })
const connections = async (cluster: string) =>
  Number(
    (
      await query<{ sum: string }>(
        `SELECT coalesce(sum(b.connections), 0) AS sum FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id
         JOIN edge e ON e.id = v.edge_id WHERE e.cluster = $1`,
        [cluster],
      )
    )[0]?.sum,
  )

describe('a pull', () => {
  it('goes on after a restart where it was committed last, and what it reads again counts once', async () => {
    await enter('again')
    const first = await openPull(settings('again'))
    expect(first.cursor).toBeNull()
    expect(await first.commit(decoded(1, 2, 3), { at: 3 }, NOW)).toMatchObject({ accepted: 3, duplicates: 0 })
    expect(await first.commit(decoded(3, 4), { at: 4 }, NOW)).toMatchObject({ accepted: 1, duplicates: 1 })

    const second = await openPull(settings('again'))
    expect(second.cursor).toEqual({ at: 4 })
    expect(await second.commit(decoded(2, 3, 4, 5), { at: 5 }, NOW)).toMatchObject({ accepted: 1, duplicates: 3 })
    expect(await connections('again')).toBe(5)
  })

  it('counts a batch once that is committed again because its answer was lost', async () => {
    await enter('lost-answer')
    const unaware = await openPull(settings('lost-answer'))
    const other = await openPull(settings('lost-answer'))
    await other.commit(decoded(1, 2), { at: 2 }, NOW)
    expect(await unaware.commit(decoded(1, 2), { at: 2 }, NOW)).toMatchObject({ accepted: 0, duplicates: 2 })
    expect(await connections('lost-answer')).toBe(2)
    expect(await unaware.commit(decoded(2, 3), { at: 3 }, NOW)).toMatchObject({ accepted: 1, duplicates: 1 })
  })

  it('of a process that lost its duty changes nothing where the new one was faster', async () => {
    await enter('two')
    const stale = await openPull(settings('two'))
    const current = await openPull(settings('two'))
    await current.commit(decoded(1, 2), { at: 2 }, NOW)
    await expect(stale.commit(decoded(2, 3), { at: 3 }, NOW)).rejects.toMatchObject({ code: 'conflict' })
    expect(await connections('two')).toBe(2)
    expect((await openPull(settings('two'))).cursor).toEqual({ at: 2 })
  })

  it('keeps the keys of slow clocks, though one clock is fast', async () => {
    await enter('fast-clock')
    const pull = await openPull({ ...settings('fast-clock'), overlapMs: 5000 })
    const ahead = (seconds: number) => sampleFlow({ recordKey: `ahead-${seconds}`, startMs: NOW + seconds * 1000 })
    const batch = { ...emptyDecodeResult(), flows: [ahead(-2), ahead(240)] }
    await pull.commit(batch, { at: 1 }, NOW)
    const again = await openPull({ ...settings('fast-clock'), overlapMs: 5000 })
    expect(await again.commit(batch, { at: 2 }, NOW + 1000)).toMatchObject({ accepted: 0, duplicates: 2 })
    expect(await connections('fast-clock')).toBe(2)
  })

  it('whose collector is not entered changes nothing: its cursor would be lost', async () => {
    const pull = await openPull(settings('unknown'))
    await expect(pull.commit(decoded(1), { at: 1 }, NOW)).rejects.toMatchObject({ code: 'conflict' })
    expect(await connections('unknown')).toBe(0)
  })

  it('forgets what no overlap reaches', async () => {
    await enter('forgets')
    const pull = await openPull({ ...settings('forgets'), overlapMs: 5000 })
    await pull.commit(decoded(...Array.from({ length: 40 }, (_, n) => n)), { at: 40 }, NOW)
    const rows = await query<{ count: string }>('SELECT count(*) FROM seen_record WHERE collector = $1', ['forgets'])
    expect(Number(rows[0]?.count)).toBe(6)
  })
})
