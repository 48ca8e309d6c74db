import { afterAll, beforeAll, expect, it } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { searchEndpoints } from '@/lib/store/search-names'
import { createTestDatabase } from '@/lib/store/test-database'
import { hubbleLine, sendHubble } from './__fixtures__/facts-scene'
import { searchNames } from './search-names'

const NOW = Date.now()
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  const call = (app: string, names: readonly string[] = []) =>
    hubbleLine({ atMs: NOW - 60_000, namespace: 'ml', app, names })
  await sendHubble([call('agent', ['api.openai.com']), call('agent-pool'), call('web-agent'), call('100%_sure')], NOW)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const labels = async (text: string, dataset = '') =>
  (await searchNames(dataset, text)).endpoints.map(({ label }) => label)

it('finds names by any part, those that begin with it first, and the shortest of these', async () => {
  expect(await labels('agent')).toEqual(['ml / agent', 'ml / agent-pool', 'ml / web-agent'])
  expect(await labels('OPENAI')).toEqual(['api.openai.com'])
})

it('finds a workload as it is shown and as it is written, all words of it needed', async () => {
  expect(await labels('ml / web')).toEqual(['ml / web-agent'])
  expect(await labels('ml/web')).toEqual(['ml / web-agent'])
  expect(await labels('other/web')).toEqual([])
})

it('takes signs of patterns as what they are, and bytes that cannot be stored as nothing', async () => {
  expect(await labels('100%_')).toEqual(['ml / 100%_sure'])
  expect(await labels('%%')).toEqual([])
  expect(await labels("'; --")).toEqual([])
  expect(await labels('ag\0ent')).toHaveLength(3)
})

it('looks within its dataset, for two characters at least, and refuses what cannot be a dataset', async () => {
  expect(await labels('agent', 'demo')).toEqual([])
  expect(await labels('a')).toEqual([])
  await expect(labels('agent', '../x')).rejects.toMatchObject({ code: 'bad_request' })
})

it('names providers of the catalogue, and findings by their titles, open ones first', async () => {
  expect((await searchNames('', 'openai')).providers.map(({ id }) => id)).toContain('openai')
  await query(
    `INSERT INTO finding (id, detector, status, severity, certainty, dataset, cluster, workload, target, title, is_current, first_seen, last_seen, count)
     SELECT gen_random_uuid(), 'd', s, 'low', 'proven', '', 'c', s, 't', 'Zebra left by ' || s, true, now(), now(), 1 FROM unnest(ARRAY['resolved', 'open']) AS s`,
  )
  expect((await searchNames('', 'left zebra')).findings.map(({ status }) => status)).toEqual(['open', 'resolved'])
})

it('looks at no more than its bound, and says so', async () => {
  expect(await searchEndpoints('', ['agent'], 1, 5)).toMatchObject({ isPartial: true })
  expect(await searchEndpoints('', ['agent'], 1000, 5)).toMatchObject({ isPartial: false })
})
