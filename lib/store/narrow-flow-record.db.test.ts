import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sampleFlow } from '@/lib/demo/sample-flow'
import type { ClusteredFlow } from '@/lib/model/prepared-batch'
import { allFlows } from './all-flows'
import { query, useDatabase, withTransaction } from './client'
import { identifyBatch } from './identified-batch'
import { migrate } from './migrate'
import { saveEvidence } from './save-evidence'
import { familyColumn, settleSiblings } from './settle-siblings'
import { createEmptyTestDatabase, type TestDatabase } from './test-database'

const migrations = path.resolve(import.meta.dirname, '../../prisma/migrations')
const NARROW = '20261126161000_narrow_flow_record'
const START = Date.parse('2026-11-24T12:00:00.123Z')

let database: TestDatabase
let before: string

beforeEach(async () => {
  database = await createEmptyTestDatabase()
  before = mkdtempSync(path.join(os.tmpdir(), 'postern-migrations-'))
  for (const name of readdirSync(migrations))
    if (name < NARROW) cpSync(path.join(migrations, name), path.join(before, name), { recursive: true })
  await migrate(database.url, before)
  await useDatabase(database.url)
})
afterEach(async () => {
  await useDatabase(undefined)
  await database.drop()
  rmSync(before, { recursive: true })
})

const RECORD = 'f0000000-0000-4000-8000-00000000000f'
const hubble: ClusteredFlow = {
  ...sampleFlow({ recordKey: RECORD, startMs: START }),
  cluster: 'c',
  raw: { time: '2026-11-24T12:00:00.123456Z' },
}
const calico: ClusteredFlow = {
  ...sampleFlow({ recordKey: 'told', startMs: START }),
  source: 'calico',
  endMs: START + 15_000,
  cluster: 'c',
  sibling: { family: 'f', service: '', policies: 'p' },
}
const rowsOf = (flow: ClusteredFlow, dataset: string) =>
  identifyBatch(
    {
      evidence: [{ flow, variantKey: flow.source, keptAs: 'denied', parts: [] }],
      sums: [],
      names: [],
      owners: [],
      gaps: [],
      summed: [],
    },
    dataset,
  )

async function insertAsBefore(flow: ClusteredFlow, dataset: string, family: string | null): Promise<void> {
  const [row] = rowsOf(flow, dataset).evidence
  await query(
    `INSERT INTO flow_record (dataset, record_id, edge_id, variant_id, source, start_at, end_at, received_at, flow, family)
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6 / 1000.0), to_timestamp($7 / 1000.0), to_timestamp($6 / 1000.0 + 2), $8, $9)`,
    [dataset, row?.recordId, row?.ids.edgeId, row?.ids.variantId, flow.source, flow.startMs, flow.endMs, flow, family],
  )
}

it('rows of before are there afterwards, and are known when they are told again', async () => {
  await insertAsBefore(hubble, '', null)
  await insertAsBefore(hubble, 'incident', null)
  await migrate(database.url, migrations)
  expect(await allFlows()).toEqual(
    expect.arrayContaining(
      ['', 'incident'].map((dataset) =>
        expect.objectContaining({ dataset, recordId: RECORD, flow: hubble, receivedMs: START + 2000 }),
      ),
    ),
  )
  const again = (dataset: string) =>
    withTransaction((client) =>
      saveEvidence(client, { rows: rowsOf(hubble, dataset).evidence, changed: [] }, { trusting: false }),
    )
  expect([(await again('')).newRows.size, (await again('incident')).newRows.size]).toEqual([0, 0])
})

it('a Calico record of before is found by its family', async () => {
  const seen = '8888'
  await query('INSERT INTO denial_seen (id, at) VALUES ($1, to_timestamp($2 / 1000.0))', [seen, START])
  await insertAsBefore(calico, '', familyColumn('', calico))
  await migrate(database.url, migrations)
  const grown = { ...calico, recordKey: 'other', counts: { ...calico.counts, bytesSent: 5 } }
  const settled = await withTransaction((client) => settleSiblings(client, [rowsOf(grown, '')]))
  expect(settled.changes).toMatchObject([{ after: { evidence: { flow: { repeatsSiblingCounts: true } } } }])
  expect(await query('SELECT minute_at::float8 AS minute, id::text, dataset FROM denial_seen')).toEqual([
    { minute: START - (START % 60_000), id: seen, dataset: '' },
  ])
})
