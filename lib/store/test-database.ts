import 'server-only'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { env } from '@/lib/env'
import { migrate } from './migrate'
import { runStatement } from './server-admin'

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/**
 * A migrated, empty database of its own on the server of POSTERN_TEST_DATABASE_URL, which `npm test` starts. Drop it when
 * the tests are done; connections that are still open are cut.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const database = await createEmptyTestDatabase()
  await migrate(database.url, path.resolve(import.meta.dirname, '../../prisma/migrations'))
  return database
}

/** Like `createTestDatabase`, without a single table. */
export async function createEmptyTestDatabase(): Promise<TestDatabase> {
  const adminUrl = env().POSTERN_TEST_DATABASE_URL
  if (!adminUrl) throw new Error('POSTERN_TEST_DATABASE_URL is not set: run the tests with npm test')
  const name = `postern_test_${randomBytes(6).toString('hex')}`
  await runStatement(adminUrl, `CREATE DATABASE ${name}`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => runStatement(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}
