import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hubbleLines } from '@/lib/demo/hubble-lines'
import { DAY_MS } from '@/lib/model/units'
import { pool, query, useDatabase } from '@/lib/store/client'
import { DATASET_TABLES, datasetTableNames, SHARED_TABLES } from '@/lib/store/dataset-tables'
import { createTestDatabase } from '@/lib/store/test-database'
import { listDatasets } from './list-datasets'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

it('x', async () => {
  console.log(
    JSON.stringify(
      await listDatasets({ tiers: [{ kind: 'evidence', keptMs: DAY_MS }], horizonMs: DAY_MS }, Date.now()),
    ),
  )
})
