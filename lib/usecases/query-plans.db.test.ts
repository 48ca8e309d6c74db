import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { sampleFlow } from '@/lib/demo/sample-flow'
import { emptyDecodeResult } from '@/lib/model/decoded'
import type { EdgeVariant } from '@/lib/model/graph'
import {
  type InventoryChange,
  type InventoryKind,
  type InventoryObject,
  type PodSighting,
  WORKLOAD_KIND,
} from '@/lib/model/inventory'
import { query, useDatabase } from '@/lib/store/client'
import { graphChangeReader } from '@/lib/store/graph-changes'
import { ensurePartitions, PARTITIONED, partitionedTables } from '@/lib/store/partitions'
import type { SentStatement } from '@/lib/store/record-plans'
import { rollUpBuckets } from '@/lib/store/roll-up-buckets'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  CLUSTER,
  common,
  corednsLine,
  sendAnswers,
  sendHubbleFlow,
  sendQuestions,
  sendTranslations,
} from './__fixtures__/calico-scene'
import { fillTables } from './__fixtures__/fill-tables'
import { expectPlans as plansOf, type Window } from './__fixtures__/plan-rules'
import { seedDataset } from './__fixtures__/seed-dataset'
import { apiTokens, createApiToken, endApiToken, grantOfToken } from './api-tokens'
import { forgetOtherCollectors, reportCollector } from './collector-duty'
import { createIncident } from './create-incident'
import { deleteDataset, deleteMarked, stopDeleting } from './delete-dataset'
import { drawNatEdges } from './draw-nat-edges'
import { putEgressEntry, removeEgressEntry } from './edit-egress'
import { setEgressConfig, startEgressConfig } from './egress-config'
import { explainIsolation } from './explain-isolation'
import { ingestNat } from './ingest-nat'
import { judgeEgress } from './judge-egress'
import { forgetOldInventory, inventorySyncedUntil, keepInventory } from './keep-inventory'
import { listDatasets } from './list-datasets'
import { listFindings } from './list-findings'
import { listSources } from './list-sources'
import { loadEdgeDetail } from './load-edge'
import { loadNodeDetail } from './load-node'
import { loadPolicyDefinition } from './load-policy-definition'
import { retain } from './maintain-storage'
import { getDataset, renameDataset } from './name-dataset'
import { openPull } from './pull-records'
import { queryGraph } from './query-graph'
import { observeMetrics } from './render-metrics'
import { isSessionLive, startSession, stopSession } from './sessions'
import { settleSpans } from './settle-spans'
import { incidents, openShare, revokeShare, statusOfShare } from './share-access'
import { trackFindings } from './track-findings'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WIDTH = PARTITIONED.egress_connection.widthMs
/** Late in a partition, whatever the time of day: it is as full as the others. */
const NOW = Math.floor((Date.now() - 5.5 * HOUR) / WIDTH) * WIDTH + 5.5 * HOUR
const RETENTION = { evidence: 7 * DAY, buckets15s: 3 * DAY, buckets1m: 30 * DAY, buckets1h: 400 * DAY }

/** What was sent in all calls. */
const all: SentStatement[] = []
const expectPlans = async (reads: Window, work: () => Promise<unknown>): Promise<void> => {
  all.push(...(await plansOf(reads, work)))
}

const last = (spanMs: number): Window => ({ fromMs: NOW - spanMs, toMs: NOW + HOUR })
async function* once(body: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(body)
}
const window = (spanMs: number) => ({ fromMs: NOW - spanMs, toMs: NOW })

let database: Awaited<ReturnType<typeof createTestDatabase>>
let edgeId = ''
let nodeIds: readonly string[] = []

const subject = async (dataset: string) => {
  const [row] = await query<{ id: string; client: string; server: string }>(
    `SELECT e.id::text, e.client_id::text AS client, e.server_id::text AS server FROM egress_connection c JOIN edge e ON e.id = c.edge_id
     JOIN finding f ON f.edge_id = e.id WHERE c.dataset = $1 ORDER BY c.last_at DESC LIMIT 1`,
    [dataset],
  )
  if (!row) throw new Error('no edge with a finding was seeded')
  return row
}

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: DEMO_EGRESS_YAML })
  // Deletions run here only where a test runs them.
  stopDeleting()
  for (const agoMs of [40 * DAY, 6 * DAY, 2 * DAY, DAY, 7 * HOUR, 5 * MINUTE]) await seedDataset('', NOW - agoMs)
  await seedDataset('pinned', NOW - 3 * DAY)
  await rollUpBuckets({ nowMs: NOW })
  for (const table of partitionedTables()) await ensurePartitions(table, [NOW, NOW + HOUR])
  await fillTables()
  const live = await subject('')
  edgeId = live.id
  nodeIds = [live.client, live.server]
}, 300_000)
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

it('every partitioned table has live rows in several partitions, and pinned ones', async () => {
  for (const table of partitionedTables()) {
    const rows = await query<{ name: string }>(`SELECT DISTINCT tableoid::regclass::text AS name FROM ${table}`)
    const names = rows.map(({ name }) => name)
    expect(names, table).toContain(`${table}_pinned`)
    expect(names.length, table).toBeGreaterThan(2)
  }
})

describe('what is shown', () => {
  describe.each([
    ['15 minutes', 15 * MINUTE],
    ['24 hours', DAY],
    ['7 days', 7 * DAY],
  ])('of %s', (_name, spanMs) => {
    const right = last(spanMs)
    it('the graph', () =>
      expectPlans(right, () =>
        queryGraph({ dataset: '', windowMs: spanMs, namespaces: [], states: [], scope: 'all' }, NOW),
      ))
    it('an edge', () =>
      expectPlans(right, () => loadEdgeDetail({ dataset: '', edgeId, window: window(spanMs) }, 'http://localhost')))
    it.each([0, 1])('a node', (at) =>
      expectPlans(right, () => loadNodeDetail({ dataset: '', nodeId: nodeIds[at] ?? '', window: window(spanMs) })),
    )
    it('the sources', () => expectPlans(right, () => listSources({ dataset: '', fromMs: NOW - spanMs }, NOW)))
  })

  it('a pinned dataset', async () => {
    const { id, client } = await subject('pinned')
    const fromMs = NOW - 3 * DAY - HOUR
    const toMs = NOW - 3 * DAY + HOUR
    const right = 'pinned'
    await expectPlans(right, () =>
      queryGraph({ dataset: 'pinned', fromMs, toMs, windowMs: 0, namespaces: [], states: [], scope: 'all' }, NOW),
    )
    await expectPlans(right, () => loadEdgeDetail({ dataset: 'pinned', edgeId: id, window: { fromMs, toMs } }, 'x'))
    await expectPlans(right, () => loadNodeDetail({ dataset: 'pinned', nodeId: client, window: { fromMs, toMs } }))
    await expectPlans(right, () => listSources({ dataset: 'pinned', fromMs }, NOW))
    await expectPlans(right, () => renameDataset('pinned', 'A title'))
    await expectPlans(right, () => getDataset('pinned'))
  })

  it('datasets', () => expectPlans('kept', () => listDatasets(RETENTION, NOW)))
  it('metrics', () => expectPlans(last(15 * MINUTE), () => observeMetrics(NOW)))
  it('findings, incidents and links', async () => {
    const right = last(DAY)
    await expectPlans(right, () => listFindings({ dataset: '' }))
    await expectPlans(right, () => listFindings({ dataset: '', status: 'open' }))
    const { findings } = await listFindings({ dataset: '', edgeId })
    const context = { nowMs: NOW, baseUrl: 'http://localhost', appVersion: '0' }
    let link = { linkId: '', token: '' }
    await expectPlans('kept', async () => {
      link = await createIncident({ findingId: findings[0]?.id ?? '' }, context)
    })
    await expectPlans(right, async () => {
      await statusOfShare(link.token)
      await openShare(link.token)
      await incidents()
      await revokeShare(link.linkId)
    })
  })
  it('changes of the graph', async () => {
    const read = graphChangeReader()
    await expectPlans(last(0), async () => {
      await read()
      await read()
    })
  })
})

describe('what comes in', () => {
  it('flows, spans, NAT records, DNS and refused records, and their judgement', () =>
    expectPlans(last(2 * HOUR), () => seedDataset('', NOW, 20_000)))
})

describe('the worker', () => {
  it('adds up', () => expectPlans('kept', () => rollUpBuckets({ nowMs: NOW + 20 * MINUTE })))
  it('settles spans', () => expectPlans('kept', () => settleSpans(NOW + HOUR, MINUTE)))
  it('draws', () => expectPlans('kept', () => drawNatEdges({ nowMs: NOW + 5 * MINUTE, settleMs: MINUTE })))
  it('judges', () => expectPlans('kept', () => judgeEgress()))
  it('findings', () => expectPlans('kept', () => trackFindings(NOW)))
  it(
    'deletes',
    () =>
      expectPlans('pinned', async () => {
        await deleteDataset('pinned')
        await deleteMarked({ rowsAtOnce: 40 })
      }),
    120_000,
  )
  it('retains', () => expectPlans('kept', () => retain(RETENTION, NOW)), 60_000)
})

it('every file', () => {
  const files = readdirSync('lib/store').filter((f) => f.endsWith('.ts') && !f.includes('.test.'))
  const sql = files.filter((f) =>
    /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|COPY)\b|prisma\(\)/.test(
      readFileSync(path.join('lib/store', f), 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, ''),
    ),
  )
  const sentBy = new Set(all.flatMap((s) => s.places.map((p) => p.file)))
  expect(sql.filter((f) => !sentBy.has(f)).join(' ')).toEqual('')
})
