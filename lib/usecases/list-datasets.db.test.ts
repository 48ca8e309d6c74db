import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PinnedDataset } from '@/lib/model/dataset'
import { LIMITS } from '@/lib/model/limits'
import type { Retention } from '@/lib/model/retention'
import { query, useDatabase } from '@/lib/store/client'
import { measureDataset, measureDisk } from '@/lib/store/measure-dataset'
import { createTestDatabase } from '@/lib/store/test-database'
import { common } from './__fixtures__/calico-scene'
import { seedDataset } from './__fixtures__/seed-dataset'
import { ingestBatch } from './ingest-batch'
import { listDatasets } from './list-datasets'
import { getDataset, renameDataset } from './name-dataset'

const NOW = Date.now()
const HOUR_MS = 3_600_000
const YEAR_MS = 365 * 24 * HOUR_MS
const RETENTION: Retention = {
  evidence: 24 * HOUR_MS,
  buckets15s: 12 * HOUR_MS,
  buckets1m: 48 * HOUR_MS,
  buckets1h: 400 * 24 * HOUR_MS,
}

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  await seedDataset('', NOW)
  await seedDataset('full', NOW)
  await sendFlow('small', 1)
  await query(`INSERT INTO dataset (name) VALUES ('empty')`)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

const sendFlow = (dataset: string, n: number, atMs = NOW - YEAR_MS) =>
  ingestBatch({
    ...common(NOW, 'old'),
    dataset,
    source: 'hubble',
    body: once(
      JSON.stringify({
        flow: {
          time: new Date(atMs).toISOString(),
          uuid: `7b4f3c1e-0000-4000-8000-${String(n).padStart(12, '0')}`,
          verdict: 'DROPPED',
          IP: { source: '10.0.0.1', destination: '10.0.0.2' },
          l4: { TCP: { source_port: 40_000, destination_port: 443, flags: { SYN: true } } },
          source: { namespace: 'shop', pod_name: 'web-7d9c8b6f5-x2x5v' },
          destination: { namespace: 'shop', pod_name: 'api-7d9c8b6f5-x2x5v' },
          event_type: { type: 1 },
          traffic_direction: 'EGRESS',
        },
      }),
    ),
  })

const list = () => listDatasets(RETENTION, NOW)
async function pinned(name: string): Promise<PinnedDataset> {
  const found = (await list()).pinned.find((dataset) => dataset.name === name)
  if (!found) throw new Error(`${name} is not listed`)
  return found
}

describe('the list of datasets', () => {
  it('says of a pinned one what is in it, by kind, of which sources and clusters, and from when to when', async () => {
    const full = await pinned('full')
    const [rows] = await query<Record<'evidence' | 'spans' | 'nat' | 'names' | 'flows', number>>(
      `SELECT (SELECT count(*)::int FROM flow_record WHERE dataset = 'full') AS evidence, (SELECT count(*)::int FROM span WHERE dataset = 'full') AS spans,
         (SELECT count(*)::int FROM nat_record WHERE dataset = 'full') AS nat,
         (SELECT count(*)::int FROM (SELECT FROM dns_name WHERE dataset = 'full' UNION ALL SELECT FROM dns_question WHERE dataset = 'full') d) AS names,
         (SELECT sum(accepted)::int FROM source_minute WHERE dataset = 'full' AND source IN ('hubble', 'calico')) AS flows`,
    )
    expect(full).toMatchObject({
      flows: rows?.flows,
      evidence: { rows: rows?.evidence, isEstimate: false },
      spans: { rows: rows?.spans, isEstimate: false },
      natRecords: { rows: rows?.nat, isEstimate: false },
      dnsRecords: { rows: rows?.names, isEstimate: false },
      sources: ['calico', 'dns', 'hubble', 'nat', 'otlp'],
    })
    expect(full.flows).toBeGreaterThanOrEqual(full.evidence.rows)
    expect(full.clusters).toEqual(['demo', 'demo-calico', 'demo-lab', 'shop'])
    // The oldest record is an hour of Calico's that began an hour and five minutes ago.
    expect(full.firstMs).toBeLessThanOrEqual(NOW - HOUR_MS - 5 * 60_000)
    expect(full.firstMs).toBeGreaterThan(NOW - 3 * HOUR_MS)
    expect(full.lastMs).toBeGreaterThan(NOW - 10 * 60_000)
  })

  it('opens the graph of a pinned one at its own time range, as an import does', async () => {
    const small = await pinned('small')
    const at = NOW - YEAR_MS
    expect(small.firstMs).toBeGreaterThan(at - 15_001)
    expect(small.lastMs).toBe(at)
    const view = new URL(small.view ?? '', 'http://localhost')
    expect(view.pathname).toBe('/graph')
    expect(view.searchParams.get('dataset')).toBe('small')
    expect(Number(view.searchParams.get('from'))).toBeLessThan(at)
    expect(Number(view.searchParams.get('to'))).toBeGreaterThan(at)
    expect(await pinned('empty')).toMatchObject({ flows: 0, bytes: 0, sources: [], clusters: [] })
    expect(await pinned('empty')).not.toHaveProperty('view')
  })

  it('sizes a pinned one by its own rows: more records are more bytes, others’ records are none', async () => {
    const [small, full] = [await pinned('small'), await pinned('full')]
    expect(small.bytes).toBeGreaterThan(500)
    expect(full.bytes).toBeGreaterThan(20 * small.bytes)
    await sendFlow('other', 2)
    // Two records where there was one: twice the bytes, were they counted here.
    expect((await pinned('small')).bytes).toBeLessThan(1.5 * small.bytes)
    for (let n = 0; n < 20; n += 1) await sendFlow('small', 100 + n, NOW - YEAR_MS + n * 60_000)
    expect((await pinned('small')).bytes).toBeGreaterThan(3 * small.bytes)
  })

  it('sizes about what is on disk: all datasets together are the files, between half and twice', async () => {
    await query('VACUUM ANALYZE')
    const { live, pinned: all } = await list()
    const disk = await query<{ name: string; bytes: number }>(
      `SELECT relname AS name, pg_total_relation_size(oid)::float8 AS bytes FROM pg_class
       WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`,
    )
    // Shared dictionaries and settings are of no dataset, but small here.
    const files = disk.reduce((sum, { bytes }) => sum + bytes, 0)
    const sum = all.reduce((bytes, dataset) => bytes + dataset.bytes, live.bytes)
    expect(sum).toBeGreaterThan(files / 2)
    expect(sum).toBeLessThan(files * 2)
    expect(live.bytes).toBeLessThan(files - (disk.find(({ name }) => name === 'edge_bucket_15s_pinned')?.bytes ?? 0))
  })

  it('counts no more rows than it must: of more it says that it is an estimate, never less than it counted', async () => {
    await query('ANALYZE')
    const disk = await measureDisk()
    const exact = (await measureDataset('full', disk)).rows.get('flow_record')
    const rough = (await measureDataset('full', disk, 100)).rows.get('flow_record')
    expect(rough?.isEstimate).toBe(true)
    expect(rough?.rows).toBeGreaterThan(100)
    expect(rough?.rows).toBeLessThan(2 * (exact?.rows ?? 0))
  })

  it('says of the live one what is kept for how long, how far back it reaches, and from when on records are refused', async () => {
    const { live, pinned: all, total } = await list()
    expect(live.horizonMs).toBe(12 * HOUR_MS)
    expect(live.tiers.map(({ kind, keptMs }) => [kind, keptMs])).toEqual(Object.entries(RETENTION))
    for (const { kind, oldestMs } of live.tiers) {
      // Of live data: pinned ones are a year older.
      expect(oldestMs, kind).toBeGreaterThan(NOW - 3 * HOUR_MS)
      expect(oldestMs, kind).toBeLessThan(NOW)
    }
    expect(live.bytes).toBeGreaterThan(100_000)
    expect(all.map(({ name }) => name)).not.toContain('')
    expect(total).toBe(all.length)
  })
})

describe('a title', () => {
  it('is what people call it; its name stays, and blank takes it away', async () => {
    expect(await renameDataset('small', '  Outage of May, <b>wide</b> & “deep”  ')).toMatchObject({
      name: 'small',
      title: 'Outage of May, <b>wide</b> & “deep”',
    })
    expect(await getDataset('small')).toMatchObject({ title: 'Outage of May, <b>wide</b> & “deep”' })
    expect(await sendFlow('small', 1)).toMatchObject({ repeatedBatch: true })
    expect(await renameDataset('small', ' ')).not.toHaveProperty('title')
  })

  it(`has at most ${LIMITS.datasetTitleChars} characters, none of which control the text around it`, async () => {
    const longest = '🦊'.repeat(LIMITS.datasetTitleChars)
    expect(await renameDataset('small', longest)).toMatchObject({ title: longest })
    for (const title of [`${longest}x`, 'a\nb', 'a\0b', 'a\u001b[31mb', 'a\u202eb', 'a\u2066b', 'a\u2028b', 'a\ud800b'])
      await expect(renameDataset('small', title)).rejects.toMatchObject({ code: 'bad_request' })
    expect(await getDataset('small')).toMatchObject({ title: longest })
  })

  it('is refused for the live dataset, for names that there are not, and while it is being deleted', async () => {
    for (const name of ['', 'never-was', '../small', "'; DROP TABLE dataset; --"])
      await expect(renameDataset(name, 'x')).rejects.toMatchObject({ code: 'not_found' })
    await query(`UPDATE dataset SET deleting_at = now() WHERE name = 'other'`)
    await expect(renameDataset('other', 'x')).rejects.toMatchObject({ code: 'conflict' })
    expect(await pinned('other')).toHaveProperty('deletingMs')
    // Its graph goes to pieces: no link leads there.
    expect(await pinned('other')).not.toHaveProperty('view')
  })
})
