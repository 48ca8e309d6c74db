import { afterAll, beforeAll, expect, it } from 'vitest'
import { query, useDatabase, withTransaction } from './client'
import { runStatement } from './server-admin'
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

it('a connection that dies between two statements of a transaction is an absent database, and ends nothing else', async () => {
  const work = withTransaction(async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    await runStatement(database.url, `SELECT pg_terminate_backend(${rows[0]?.pid})`)
    // Whole round trips on other connections: by then this one knows that it is dead.
    for (let left = 1; left > 0; ) {
      const found = await query('SELECT FROM pg_stat_activity WHERE pid = $1', [rows[0]?.pid])
      left = found.length
    }
    await query('SELECT 1')
    await client.query('SELECT 1')
  })
  await expect(work).rejects.toMatchObject({ code: 'unavailable', retryAfterS: 2 })
  expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }])
})
