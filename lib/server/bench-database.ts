import path from 'node:path'
import pg from 'pg'
import { useDatabase } from '@/lib/store/client'
import { migrate } from '@/lib/store/migrate'
import { ensureDatabase, runStatement } from '@/lib/store/server-admin'

const root = path.resolve(import.meta.dirname, '../..')

/**
 * Runs `work` on a migrated, empty database of its own on the server at `serverUrl`, which is this process's database
 * meanwhile; the database is dropped afterwards.
 */
export async function withBenchDatabase<T>(
  serverUrl: string,
  name: string,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await runStatement(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await ensureDatabase(serverUrl, name)
  await migrate(url.href, path.join(root, 'prisma/migrations'))
  await useDatabase(url.href)
  try {
    return await work(url.href)
  } finally {
    await useDatabase(undefined)
    await runStatement(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }
}

/** Runs `work` on a connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
