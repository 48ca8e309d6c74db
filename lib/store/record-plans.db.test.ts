import { afterAll, beforeAll, expect, it } from 'vitest'
import { listApiTokens } from './api-tokens'
import { query, useDatabase, withTransaction } from './client'
import { countWaiting } from './count-waiting'
import { recordPlans } from './record-plans'
import { saveDatasets } from './save-datasets'
import { createTestDatabase } from './test-database'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const filesOf = (sent: Awaited<ReturnType<typeof recordPlans>>) =>
  sent.flatMap(({ places, reads }) => (reads && places[0] ? [places[0].file] : []))

it('each statement names the file that sent it: by the pool, in a transaction, by Prisma, many at once', async () => {
  expect(filesOf(await recordPlans(countWaiting))).toEqual(['count-waiting.ts'])
  const inTransaction = () => withTransaction((client) => saveDatasets(client, ['named']))
  expect(filesOf(await recordPlans(inTransaction))).toContain('save-datasets.ts')
  expect(filesOf(await recordPlans(listApiTokens))).toEqual(['api-tokens.ts'])
  const many = () => Promise.all(Array.from({ length: 60 }, (_, n) => (n % 2 ? countWaiting() : listApiTokens())))
  const files = filesOf(await recordPlans(many))
  expect(new Set(files)).toEqual(new Set(['count-waiting.ts', 'api-tokens.ts']))
})

it('a plan is that of the moment when the statement was sent, and explaining changes nothing', async () => {
  await query(`INSERT INTO dataset (name) VALUES ('one'), ('two')`)
  const sent = await recordPlans(() =>
    withTransaction(async (client) => {
      const gone = await client.query(`DELETE FROM dataset WHERE name IN ('one', 'two')`)
      expect(gone.rowCount).toBe(2)
      await client.query(`INSERT INTO dataset (name) VALUES ('three')`)
    }),
  )
  const [deletion] = sent.filter(({ text }) => text.startsWith('DELETE'))
  expect(deletion?.reads?.plan).toContain('"Actual Rows": 2')
  expect(await query(`SELECT name FROM dataset WHERE name IN ('one', 'two', 'three')`)).toEqual([{ name: 'three' }])
})

it('what cannot be explained says why, and fails as it would by itself', async () => {
  const sent = await recordPlans(() => expect(query('SELECT * FROM nothing')).rejects.toThrow('does not exist'))
  expect(sent).toMatchObject([{ failure: expect.stringContaining('does not exist') }])
})

it('the index of a partition that is read whole is named by its parent', async () => {
  const sent = await recordPlans(countWaiting)
  expect(sent.flatMap(({ reads }) => reads?.problems ?? [])).toMatchObject([
    { table: 'egress_connection', index: 'egress_connection_first_at_idx' },
  ])
})
