import 'server-only'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import pg from 'pg'
import { env } from '@/lib/env'
import { migrate } from './migrate'

/** A migrated database of its own for one test file, on the server that the test runner started. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const adminUrl = env().POSTERN_TEST_DATABASE_URL
  if (!adminUrl) throw new Error('POSTERN_TEST_DATABASE_URL is not set: run the tests with npm test')
  const name = `test_${randomBytes(6).toString('hex')}`
  await runAsAdmin(adminUrl, `CREATE DATABASE ${name}`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  await migrate(url.href, path.resolve(import.meta.dirname, '../../prisma/migrations'))
  return { url: url.href, drop: () => runAsAdmin(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`) }
}

async function runAsAdmin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
