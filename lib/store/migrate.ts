import 'server-only'
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { type MigrationSession, PATIENCE, type Patience, withPatience } from './lock-patience'
import { type Migration, readMigrations } from './migration-files'
import { holdMigrationLock } from './migration-lock'
import { runRepeatable } from './repeat-statement'

const LOG_CHARS = 1000

const LEDGER = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
  logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),
  applied_steps_count integer NOT NULL DEFAULT 0)`

export interface MigrateOptions {
  /** Where given, no other migration is applied: for a backup of before the others. */
  readonly names?: ReadonlySet<string>
  readonly patience?: Patience
}

/**
 * Applies every migration of `folder` that the database lacks, in name order, and answers their names. Each runs whole or
 * not at all, or statement by statement where its first line asks for that; so a start that was killed or failed is simply
 * repeated. None waits for a lock longer than half a second at a stretch, since ingest would queue up behind it. Keeps Prisma's own ledger:
 * `prisma migrate deploy` and this runner may take turns. Throws, naming the migration, where one fails, finds its tables
 * locked for about a minute, was edited after it was applied, was left half done by another tool, or is unknown to this version.
 */
export async function migrate(databaseUrl: string, folder: string, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(folder)
  return withSession(databaseUrl, options.patience ?? PATIENCE, async (session) => {
    const { client } = session
    await client.query(LEDGER)
    const ledger = await readLedger(client)
    const missing = missingMigrations(migrations, ledger).filter(({ name }) => options.names?.has(name) ?? true)
    for (const migration of missing) {
      const { statements } = migration
      if (statements) await applyStatements(session, { ...migration, statements }, ledger)
      else await applyWhole(session, migration)
    }
    return missing.map((migration) => migration.name)
  })
}

async function withSession<T>(
  databaseUrl: string,
  patience: Patience,
  work: (session: MigrationSession) => Promise<T>,
): Promise<T> {
  const client = connection(databaseUrl, 'postern-migrate')
  const watcher = connection(databaseUrl, 'postern-migrate-watch')
  try {
    await Promise.all([client.connect(), watcher.connect()])
    await holdMigrationLock(client)
    // A runner that hangs within a transaction must not keep its locks.
    await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 10000')
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    return await work({ client, watcher, patience, pid: rows[0]?.pid ?? 0 })
  } finally {
    await Promise.all([client, watcher].map((each) => each.end().catch(() => undefined)))
  }
}

function connection(connectionString: string, name: string): pg.Client {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: name })
  client.on('error', () => undefined)
  return client
}

interface LedgerRow {
  readonly name: string
  readonly checksum: string
  readonly isFinished: boolean
  readonly steps: number
}

async function readLedger(client: pg.Client): Promise<LedgerRow[]> {
  const answer = await client.query<LedgerRow>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished", applied_steps_count AS steps
     FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`,
  )
  return answer.rows
}

function missingMigrations(migrations: readonly Migration[], ledger: readonly LedgerRow[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const row of ledger) {
    const migration = known.get(row.name)
    // Statements that stand outside a transaction go on where they stopped, mended or not.
    if (!row.isFinished && migration?.statements) continue
    if (!migration)
      throw new Error(
        `The database has migration ${row.name}, which this version of Postern does not know: a newer version used it. ` +
          `Start that version, or use another database.`,
      )
    if (!row.isFinished)
      throw new Error(
        `Migration ${row.name} was started by another tool and never finished. Repair the database, then mark it with ` +
          `prisma migrate resolve.`,
      )
    if (migration.checksum !== row.checksum)
      throw new Error(
        `Migration ${row.name} was edited after it was applied. Restore the file; put the change into a new migration.`,
      )
  }
  const applied = new Set(ledger.filter((row) => row.isFinished).map((row) => row.name))
  return migrations.filter((migration) => !applied.has(migration.name))
}

async function applyWhole(session: MigrationSession, { name, sql, checksum }: Migration): Promise<void> {
  const { client } = session
  try {
    await withPatience(session, false, async () => {
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
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined)
        throw error
      }
    })
  } catch (cause) {
    throw new Error(`Migration ${name} failed and was rolled back: ${explain(cause, sql)}`, { cause })
  }
}

async function applyStatements(
  session: MigrationSession,
  { name, checksum, statements }: Required<Migration>,
  ledger: readonly LedgerRow[],
): Promise<void> {
  const { client } = session
  const begun = ledger.find((row) => row.name === name && !row.isFinished)
  const done = begun?.checksum === checksum ? begun.steps : 0
  if (!begun)
    await client.query('INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ($1, $2, $3)', [
      randomUUID(),
      checksum,
      name,
    ])
  const change = (assignment: string, values: readonly unknown[]) =>
    client.query(
      `UPDATE "_prisma_migrations" SET ${assignment} WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL`,
      [name, ...values],
    )
  await change('checksum = $2, applied_steps_count = $3, logs = NULL', [checksum, done])
  for (const [at, statement] of statements.entries()) {
    if (at < done) continue
    try {
      await runRepeatable(session, statement.text)
    } catch (cause) {
      const reason = `${cause instanceof Error ? cause.message : String(cause)} (line ${statement.line})`
      await change('logs = $2', [reason.slice(0, LOG_CHARS)]).catch(() => undefined)
      throw new Error(`Migration ${name} stopped, and goes on from there at the next start: ${reason}`, { cause })
    }
    await change('applied_steps_count = $2', [at + 1])
  }
  await change('finished_at = clock_timestamp(), applied_steps_count = $2', [statements.length])
}

function explain(error: unknown, sql: string): string {
  if (!(error instanceof Error)) return String(error)
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN
  return position > 0 ? `${error.message} (line ${sql.slice(0, position - 1).split('\n').length})` : error.message
}
