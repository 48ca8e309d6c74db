import 'server-only'
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'

/** Advisory lock of the migration runner: two starters wait for each other. */
const LOCK_ID = 72_707_369

const LEDGER = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
  logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0)`

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/**
 * Applies every migration of `folder` that the database lacks, in name order, and answers their names. Each runs whole or
 * not at all, so a start that was killed or failed is simply repeated. Keeps Prisma's own ledger: `prisma migrate deploy`
 * and this runner may take turns. Throws, naming the migration, where one fails, was edited after it was applied, was left
 * half done by another tool, or is unknown to this version.
 */
export async function migrate(databaseUrl: string, folder: string): Promise<string[]> {
  const migrations = await readMigrations(folder)
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_ID])
    await client.query(LEDGER)
    const missing = missingMigrations(migrations, await readLedger(client))
    for (const migration of missing) await apply(client, migration)
    return missing.map((migration) => migration.name)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

interface LedgerRow {
  readonly name: string
  readonly checksum: string
  readonly isFinished: boolean
}

async function readLedger(client: pg.Client): Promise<LedgerRow[]> {
  const answer = await client.query<LedgerRow>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished"
     FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`,
  )
  return answer.rows
}

function missingMigrations(migrations: readonly Migration[], ledger: readonly LedgerRow[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const row of ledger) {
    const migration = known.get(row.name)
    if (!row.isFinished)
      throw new Error(
        `Migration ${row.name} was started by another tool and never finished. Repair the database, then mark it with ` +
          `prisma migrate resolve.`,
      )
    if (!migration)
      throw new Error(
        `The database has migration ${row.name}, which this version of Postern does not know: a newer version used it. ` +
          `Start that version, or use another database.`,
      )
    if (migration.checksum !== row.checksum)
      throw new Error(
        `Migration ${row.name} was edited after it was applied. Restore the file; put the change into a new migration.`,
      )
  }
  const applied = new Set(ledger.map((row) => row.name))
  return migrations.filter((migration) => !applied.has(migration.name))
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    // Without parameters the whole file is one simple query, so that functions and DO blocks need no splitting.
    await client.query(sql)
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw new Error(`Migration ${name} failed and was rolled back: ${explain(cause, sql)}`, { cause })
  }
}

function explain(error: unknown, sql: string): string {
  if (!(error instanceof Error)) return String(error)
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN
  return position > 0 ? `${error.message} (line ${sql.slice(0, position - 1).split('\n').length})` : error.message
}
