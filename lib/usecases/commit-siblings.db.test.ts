import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runPipeline } from '@/lib/ingest/pipeline'
import { SOURCE_FORMATS } from '@/lib/sources/registry'
import { query, useDatabase } from '@/lib/store/client'
import { commitBatches, type FlowBatch } from '@/lib/store/commit-batches'
import { identifyBatch } from '@/lib/store/identified-batch'
import { createTestDatabase } from '@/lib/store/test-database'

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

/** A body with one telling of the same Goldmane record. */
function bodyOf(bytes: number): FlowBatch {
  const decoder = SOURCE_FORMATS.calico.createDecoder()
  decoder.push(
    {
      Key: {
        ...{ source_name: 'agent-7d9c8b6f5-*', source_namespace: 'ml', source_type: 1 },
        ...{ dest_name: 'store-7d9c8b6f5-*', dest_namespace: 'rag', dest_type: 1, dest_port: 443, proto: 'tcp' },
        ...{ reporter: 1, action: 1, policies: { enforced_policies: ['0|default|np:ml/a|allow|0'] } },
      },
      ...{ start_time: NOW / 1000 - 600, end_time: NOW / 1000 - 585 },
      ...{ bytes_out: bytes, bytes_in: bytes, num_connections_started: 1 },
    },
    1,
  )
  const context = { dataset: '', defaultCluster: 'prod', retentionMs: 24 * 3_600_000, nowMs: NOW }
  const batch = runPipeline(decoder.finish(), { ...context, knownOwners: new Map() })
  return {
    key: {
      bodySha256: createHash('sha256').update(`${bytes}`).digest(),
      ...{ source: 'calico', tokenId: 't', dataset: '', context: '' },
    },
    batch: identifyBatch(batch, ''),
    result: { accepted: 1, duplicates: 0, ignored: {}, rejected: 0, rejects: [], repeatedBatch: false },
    cluster: 'prod',
  }
}

it('a record that two bodies of one transaction tell counts for the first and is a duplicate of the second', async () => {
  const results = await commitBatches([bodyOf(100), bodyOf(250)])
  expect(results.map(({ accepted, duplicates }) => [accepted, duplicates])).toEqual([
    [1, 0],
    [0, 1],
  ])
  const minutes = await query(
    `SELECT sum(accepted)::int AS accepted, sum(duplicates)::int AS duplicates FROM source_minute`,
  )
  expect(minutes).toEqual([{ accepted: 1, duplicates: 1 }])
  const sums = await query(`SELECT bytes_sent::int AS sent FROM edge_bucket_15s`)
  expect(sums).toEqual([{ sent: 250 }])
})
