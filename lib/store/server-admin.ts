import 'server-only'
import pg from 'pg'

/** The oldest server that the migrations and queries are tested on. */
const OLDEST_VERSION = 15

/** `server_version_num` of the server at `url`, or the reason why it does not answer within `timeoutMs`. */
export async function probeServer(
  url: string,
  timeoutMs = 5000,
): Promise<{ versionNumber: number } | { error: Error & { code?: string } }> {
  try {
    return await withClient(url, timeoutMs, async (client) => {
      const answer = await client.query<{ number: number }>(
        `SELECT current_setting('server_version_num')::int AS number`,
      )
      return { versionNumber: answer.rows[0]?.number ?? 0 }
    })
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }
}

/** Throws, with what to do, where the server is older than what Postern is tested on. */
export function demandVersion(versionNumber: number): void {
  const major = Math.floor(versionNumber / 10_000)
  if (major < OLDEST_VERSION)
    throw new Error(`The database server is PostgreSQL ${major}; Postern needs ${OLDEST_VERSION} or newer.`)
}

/** Creates the database `name` unless it exists. */
export async function ensureDatabase(url: string, name: string): Promise<void> {
  await withClient(url, 5000, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  })
}

/** Runs one statement on a connection of its own. */
export async function runStatement(url: string, sql: string): Promise<void> {
  await withClient(url, 10_000, async (client) => void (await client.query(sql)))
}

/** A guard over one server: at most one process holds it, and it ends with the connection. */
export interface ServerGuard {
  release(): Promise<void>
}

const GUARD_LOCK = 7_270_737_001

/**
 * Takes the guard of the server at `url`, or answers undefined where another process holds it. A process that is killed
 * loses it at once. `onLost` is called when the connection breaks, which tells that the server went away.
 */
export async function takeServerGuard(url: string, onLost: () => void): Promise<ServerGuard | undefined> {
  const client = new pg.Client({ connectionString: url, application_name: 'postern-launcher', keepAlive: true })
  let isReleased = false
  client.on('error', () => undefined)
  await client.connect()
  const answer = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [GUARD_LOCK])
  if (!answer.rows[0]?.taken) {
    await client.end()
    return undefined
  }
  client.once('end', () => {
    if (!isReleased) onLost()
  })
  return {
    release: async () => {
      isReleased = true
      await client.end().catch(() => undefined)
    },
  }
}

async function withClient<T>(url: string, timeoutMs: number, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeoutMs })
  // A broken connection also rejects the query; without a listener the event would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
