import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { pool, query, useDatabase } from '@/lib/store/client'
import { DATASET_TABLES } from '@/lib/store/dataset-tables'
import { deleteSomeRows, markDeleting } from '@/lib/store/delete-dataset'
import { loadFindings } from '@/lib/store/load-findings'
import { rollUpBuckets } from '@/lib/store/roll-up-buckets'
import { saveDatasets } from '@/lib/store/save-datasets'
import { createTestDatabase } from '@/lib/store/test-database'
import { common } from './__fixtures__/calico-scene'
import { seedDataset } from './__fixtures__/seed-dataset'
import { createIncident } from './create-incident'
import { deleteDataset, deleteMarked, stopDeleting } from './delete-dataset'
import { setEgressConfig } from './egress-config'
import { changePlaces } from './graph-places'
import { ingestBatch } from './ingest-batch'
import { ingestDns } from './ingest-dns'
import { ingestNat } from './ingest-nat'
import { judgeEgress } from './judge-egress'
import { getDataset } from './name-dataset'
import { receiveOtlp } from './receive-otlp'
import { settleSpans } from './settle-spans'
import { trackFindings } from './track-findings'

const NOW = Date.now()
const DATASETS = ['gone', 'kept', ''] as const

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: DEMO_EGRESS_YAML })
  // Deletions run here only where a test runs them.
  stopDeleting()
  for (const dataset of DATASETS) await seed(dataset)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

/** Records of every kind, and a picture of them that somebody laid out. */
async function seed(dataset: string): Promise<void> {
  await seedDataset(dataset, NOW)
  await changePlaces({ dataset, key: 'ai/workload/' }, 'first', { nodes: [['1', 0, 0]], routes: [] })
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

const flowLine = (uuid: string) =>
  JSON.stringify({
    flow: {
      time: new Date(NOW - 60_000).toISOString(),
      uuid,
      verdict: 'DROPPED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: 40_000, destination_port: 443, flags: { SYN: true } } },
      source: { namespace: 'shop', pod_name: 'web-7d9c8b6f5-x2x5v' },
      destination: { namespace: 'shop', pod_name: 'api-7d9c8b6f5-x2x5v' },
      event_type: { type: 1 },
      traffic_direction: 'EGRESS',
    },
  })
const sendFlow = (dataset: string, n: number) =>
  ingestBatch({
    ...common(NOW),
    dataset,
    source: 'hubble',
    body: once(flowLine(`7b4f3c1e-0000-4000-8000-${String(n).padStart(12, '0')}`)),
  })

/** Rows of every table, by dataset; what hangs on a row counts with it. */
async function rowsOf(dataset: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { table, hanging = [] } of DATASET_TABLES) {
    const [own] = await query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} WHERE dataset = $1`, [dataset])
    counts[table] = own?.n ?? 0
    for (const { table: below, by } of hanging) {
      const [sum] = await query<{ n: number }>(
        `SELECT count(*)::int AS n FROM ${below} b JOIN ${table} t ON t.id = b.${by} WHERE t.dataset = $1`,
        [dataset],
      )
      counts[below] = sum?.n ?? 0
    }
  }
  return counts
}

/** A hash of everything that is stored of other datasets, shared tables and settings among it. */
async function restOf(dataset: string): Promise<string[]> {
  const tables = await query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
       AND relnamespace = current_schema()::regnamespace ORDER BY 1`,
  )
  const hashes: string[] = []
  for (const { name } of tables) {
    const owner = DATASET_TABLES.find(({ hanging = [] }) => hanging.some((below) => below.table === name))
    const by = owner?.hanging?.find((below) => below.table === name)?.by
    const where = DATASET_TABLES.some(({ table }) => table === name)
      ? 'WHERE dataset <> $1'
      : owner
        ? `WHERE NOT ${by} = ANY(SELECT id FROM ${owner.table} WHERE dataset = $1)`
        : name === 'dataset'
          ? 'WHERE name <> $1'
          : 'WHERE $1::text IS NOT NULL'
    const [row] = await query<{ n: string; hash: string }>(
      `SELECT count(*) AS n, md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) AS hash FROM ${name} t ${where}`,
      [dataset],
    )
    hashes.push(`${name}: ${row?.n} ${row?.hash}`)
  }
  return hashes
}

/** Made by the test meanwhile, or the word to browsers that a dataset is gone. */
const isExpected = (line: string): boolean => /^(incident|share_link|graph_change|audit_entry):/.test(line)

const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, n) => sum + n, 0)

describe('deleting a dataset', () => {
  it('killed between any two steps and gone on with, takes all of its rows and none of any other; it may come again', async () => {
    const before = await rowsOf('gone')
    // A table that nothing was seeded into would prove nothing.
    const unseeded = Object.keys(before).filter((table) => before[table] === 0)
    // Only retention writes it, and only for live data.
    expect(unseeded).toEqual(['judged_past'])
    const rest = await restOf('gone')
    const { findings } = await loadFindings({ dataset: 'gone' }, 1)
    const incident = await createIncident(
      { findingId: findings[0]?.id ?? '' },
      { nowMs: NOW, baseUrl: 'http://localhost', appVersion: '1' },
    )
    const withIncident = (await restOf('gone')).filter((line) => !rest.includes(line))
    expect(withIncident.map((line) => line.split(':')[0])).toEqual(['audit_entry', 'incident', 'share_link'])

    await deleteDataset('gone')
    // Each run ends after a few transactions, as if the process were killed there.
    let steps = 0
    let runs = 0
    for (let deleted = 1; deleted > 0; runs += 1) {
      let left = 3
      deleted = await deleteMarked({ isStopping: () => left-- === 0, rowsAtOnce: 100 })
      steps += Math.min(3, 3 - left)
    }
    expect(runs).toBeGreaterThan(10)
    expect(steps).toBeGreaterThan(30)
    expect(await rowsOf('gone')).toEqual(Object.fromEntries(Object.keys(before).map((table) => [table, 0])))
    await expect(getDataset('gone')).rejects.toMatchObject({ code: 'not_found' })
    const after = (await restOf('gone')).filter((line) => !isExpected(line))
    expect(after).toEqual(rest.filter((line) => !isExpected(line)))
    expect(await query('SELECT title FROM incident WHERE id = $1', [incident.incidentId])).toHaveLength(1)
    // Nothing hangs in the air: what had no dataset of its own went with its row.
    expect(
      await query(
        `SELECT (SELECT count(*)::int FROM edge_variant v WHERE NOT EXISTS (SELECT FROM edge e WHERE e.id = v.edge_id)) AS variants,
           (SELECT count(*)::int FROM endpoint_fact f WHERE NOT EXISTS (SELECT FROM endpoint e WHERE e.id = f.endpoint_id)) AS facts,
           (SELECT count(*)::int FROM judgement_history h WHERE NOT EXISTS (SELECT FROM egress_connection c WHERE c.id = h.connection_id)) AS history`,
      ),
    ).toEqual([{ variants: 0, facts: 0, history: 0 }])

    // This process has written these rows before: it must not think that they are there.
    await seed('gone')
    const again = await rowsOf('gone')
    // By the minute of receipt, and one mark per body; exemplars are kept by a budget of the process, which the first import has used.
    // The states of detectors are those of the last pass of all replicas, which was another's.
    const varying = [
      'detector_state',
      'source_minute',
      'source_reject',
      'bucket_change',
      'flow_record',
      'flow_shape',
      'flow_part',
    ]
    const steady = (counts: Record<string, number>) =>
      Object.entries(counts).filter(([table]) => !varying.includes(table))
    expect(steady(again)).toEqual(steady(before))
    expect(
      await query(
        `SELECT count(*)::int AS n FROM flow_record r WHERE r.dataset = 'gone' AND r.shape_id <> 0
           AND NOT EXISTS (SELECT FROM flow_shape s WHERE s.id = r.shape_id AND s.dataset = r.dataset)`,
      ),
    ).toEqual([{ n: 0 }])
  })

  it('refuses records meanwhile, whichever way they come, and takes those of other datasets', async () => {
    await sendFlow('leaving', 1)
    expect(await markDeleting('leaving')).toBe(true)
    const refused = { code: 'conflict', message: 'the dataset leaving is being deleted' }
    const base = { ...common(NOW), dataset: 'leaving' }
    await expect(sendFlow('leaving', 2)).rejects.toMatchObject(refused)
    // What was stored is on its way out: to say that it is there would be untrue.
    await expect(sendFlow('leaving', 1)).rejects.toMatchObject(refused)
    await expect(
      ingestNat({ ...base, format: 'conntrack', hop: 'node', trusted: false, body: once('no line\n') }),
    ).rejects.toMatchObject(refused)
    await expect(ingestDns({ ...base, format: 'coredns', body: once('no line\n') })).rejects.toMatchObject(refused)
    const otlp = await receiveOtlp({
      ...base,
      pathname: '/v1/traces',
      contentType: 'application/json',
      body: once('{"resourceSpans":[]}'),
    })
    expect(otlp.status).toBe(409)
    expect(Buffer.from(otlp.body).toString()).toContain('the dataset leaving is being deleted')
    // In one group with the refused one, too.
    const [ours, others] = await Promise.allSettled([sendFlow('leaving', 3), sendFlow('staying', 3)])
    expect(ours).toMatchObject({ status: 'rejected' })
    expect(others).toMatchObject({ status: 'fulfilled', value: { accepted: 1 } })
    expect(total(await rowsOf('leaving'))).toBeGreaterThan(0)
    await deleteMarked()
    expect(total(await rowsOf('leaving'))).toBe(0)
    expect(await sendFlow('leaving', 1)).toMatchObject({ accepted: 1, repeatedBatch: false })
  })

  it('begins only when the commits that go on are done, so that none of them leaves rows behind', async () => {
    const writer = await pool().connect()
    try {
      await writer.query('BEGIN')
      await saveDatasets(writer, ['racing'])
      await writer.query(
        `INSERT INTO pod_owner (dataset, cluster, namespace, pod, workload) VALUES ('racing', 'c', 'n', 'p', 'w')`,
      )
      await expect(markDeleting('racing')).resolves.toBe(false)
      await writer.query('COMMIT')
      await writer.query('BEGIN')
      await saveDatasets(writer, ['racing'])
      const marking = markDeleting('racing')
      await expect
        .poll(() =>
          query(
            `SELECT 1 AS waits FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM dataset % FOR NO KEY UPDATE'`,
          ),
        )
        .toEqual([{ waits: 1 }])
      await writer.query(`UPDATE pod_owner SET workload = 'x' WHERE dataset = 'racing'`)
      await writer.query('COMMIT')
      expect(await marking).toBe(true)
    } finally {
      writer.release()
    }
    await deleteMarked()
    expect(total(await rowsOf('racing'))).toBe(0)
  })

  it('by several processes at once, while others judge, settle, plan and roll up, leaves nothing behind', async () => {
    await seedDataset('crowded', NOW)
    await query(`UPDATE egress_connection SET dirty = true WHERE dataset = 'crowded'`)
    const settling = settleSpans(NOW, 0)
    await markDeleting('crowded')
    const workers = [1, 2, 3].map(() => deleteMarked({ rowsAtOnce: 50 }))
    const others = [
      settling,
      judgeEgress(),
      trackFindings(NOW),
      rollUpBuckets({ nowMs: NOW + 3_600_000 }),
      rollUpBuckets({ nowMs: NOW + 3_600_000 }),
    ]
    const counts = await Promise.all(workers)
    await Promise.all(others)
    expect(counts.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(1000)
    expect(Object.entries(await rowsOf('crowded')).filter(([, n]) => n > 0)).toEqual([])
    expect(await query(`SELECT FROM dataset WHERE name = 'crowded'`)).toEqual([])
  })

  it('leaves spans that wait alone: settling them would draw edges anew', async () => {
    await query(`UPDATE span SET settle_at = to_timestamp($1::float8 / 1000) WHERE dataset = 'kept'`, [NOW - 1000])
    await markDeleting('kept')
    expect(await settleSpans(NOW, 0)).toBe(0)
    await query(`UPDATE dataset SET deleting_at = NULL WHERE name = 'kept'`)
    expect(await settleSpans(NOW, 0)).toBeGreaterThan(0)
  })

  it('is refused for the live dataset and for names that there are not', async () => {
    for (const name of ['', 'never-was', '../kept', 'KEPT', "x'; DROP TABLE span; --"])
      await expect(deleteDataset(name)).rejects.toMatchObject({ code: 'not_found' })
    expect(await markDeleting('')).toBe(false)
    expect(await deleteSomeRows('')).toBe(0)
    // Not marked: nothing is taken, whoever asks.
    expect(await deleteSomeRows('kept')).toBe(0)
    expect(total(await rowsOf(''))).toBeGreaterThan(1000)
  })
})
