import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sampleFlow } from '@/lib/demo/sample-flow'
import { runPipeline } from '@/lib/ingest/pipeline'
import { emptyDecodeResult } from '@/lib/model/decoded'
import type { Flow } from '@/lib/model/flow'
import { query, useDatabase } from '@/lib/store/client'
import { commitBatches, type FlowBatch } from '@/lib/store/commit-batches'
import { identifyBatch } from '@/lib/store/identified-batch'
import { createTestDatabase } from '@/lib/store/test-database'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const WRITERS = 6
const ROUNDS = 8
const FLOWS = 60

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

/** Flows on few keys, each writer's in another order: what would deadlock if rows were taken as they come. */
function flowsOf(writer: number, round: number): Flow[] {
  return Array.from({ length: FLOWS }, (_, index) => {
    const which = (index * 7 + writer * 11 + round * 5) % 12
    const startMs = NOW - 60_000 - which * 5000
    const recordKey = `${writer}-${round}-${index}`
    const base = { recordKey, startMs, cluster: `c${which % 3}` }
    if (which < 6) return sampleFlow({ ...base, serverPort: 8000 + which })
    const server = { class: 'external', namespace: '', name: 'api.openai.com', ip: `203.0.113.${which}` } as const
    return sampleFlow({ ...base, server, serverPort: 443, clientPort: 40_000 + which })
  })
}

function batchOf(flows: readonly Flow[], name: string): FlowBatch {
  const prepared = runPipeline(
    { ...emptyDecodeResult(), flows: [...flows] },
    { nowMs: NOW, dataset: '', retentionMs: 3_600_000, defaultCluster: 'default' },
  )
  return {
    key: {
      bodySha256: createHash('sha256').update(name).digest(),
      source: 'hubble',
      tokenId: '',
      dataset: '',
      context: '',
    },
    batch: identifyBatch(prepared, ''),
    result: { accepted: flows.length, duplicates: 0, ignored: {}, rejected: 0, rejects: [], repeatedBatch: false },
    cluster: 'c0',
  }
}

it('six transactions at once on the same rows: no deadlock, exact sums, one connection per tuple', async () => {
  const writer = async (index: number) => {
    for (let round = 0; round < ROUNDS; round += 1)
      await commitBatches([batchOf(flowsOf(index, round), `${index}-${round}`)])
  }
  await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(index)))
  const total = WRITERS * ROUNDS * FLOWS
  const sums = await query<{ connections: number }>('SELECT sum(connections)::int AS connections FROM edge_bucket')
  expect(sums[0]?.connections).toBe(total)
  const tuples = await query<{ tuples: number; rows: number }>(
    `SELECT count(DISTINCT (edge_id, client_port, server_ip))::int AS tuples, count(*)::int AS rows FROM egress_connection`,
  )
  expect(tuples[0]).toEqual({ tuples: 6, rows: 6 })
  const stats = await query<{ deadlocks: number }>(
    'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
  )
  expect(stats[0]?.deadlocks).toBe(0)
})

it('a record that a large body tells again counts once: the commit that took all for new is done again, checked', async () => {
  const denied = { outcome: 'denied', basis: 'rule', pending: 'same', layer: 'L7' } as const
  const flows = (from: number) =>
    Array.from({ length: 300 }, (_, index) =>
      sampleFlow({
        recordKey: `trusted-${from + index}`,
        startMs: NOW - 60_000,
        serverPort: 7000,
        verdict: denied,
        cluster: 'trust',
      }),
    )
  const [first] = await commitBatches([batchOf(flows(0), 'trust-1')])
  const [second] = await commitBatches([batchOf(flows(299), 'trust-2')])
  const [third] = await commitBatches([batchOf(flows(0), 'trust-3')])
  expect([first, second, third]).toMatchObject([
    { accepted: 300, duplicates: 0 },
    { accepted: 299, duplicates: 1 },
    { accepted: 0, duplicates: 300 },
  ])
  const sums = await query<{ connections: number }>(
    `SELECT sum(b.connections)::int AS connections FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id JOIN edge e ON e.id = v.edge_id
     WHERE e.cluster = 'trust'`,
  )
  expect(sums).toEqual([{ connections: 599 }])
})
