import 'server-only'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { type BackupEntry, type BackupManifest, type BackupTable, type BackupTotals, damaged } from './backup-manifest'
import { describeMigrations, describeSequences, describeTables, type TableDescription } from './describe-schema'
import { PLAIN_TEXT } from './dump-database'
import { migrate } from './migrate'
import { readMigrations } from './migration-files'
import { type BackupVisitor, readBackup } from './read-backup'

export interface BackupSource {
  /** Folder of the migrations of this version. */
  readonly migrations: string
  /** Reads the backup from its beginning; called twice. */
  readonly open: () => AsyncIterable<BackupEntry>
}

/** A backup that was read to its end and is whole. */
export interface CheckedBackup extends BackupSource {
  readonly manifest: BackupManifest
}

export interface Restored {
  readonly manifest: BackupManifest
  readonly totals: BackupTotals
  /** Migrations of after the backup, applied to its rows. */
  readonly migrated: readonly string[]
}

/** Rows that migrations put into tables: a database that has these alone is as good as empty. */
const SEEDS: ReadonlyMap<string, string> = new Map([['dataset', `name = ''`]])
const TABLES_NAMED = 3

/** Reads a whole backup. Throws where it is damaged, or of a newer version. Needs no database. */
export async function checkBackup(source: BackupSource): Promise<CheckedBackup> {
  let manifest: BackupManifest | undefined
  await readBackup(source.open(), {
    manifest: async (found) => {
      await demandKnown(found, source.migrations)
      manifest = found
    },
    table: async (_, rows) => {
      for await (const _piece of rows);
    },
  })
  if (!manifest) throw damaged('it has no manifest')
  return { ...source, manifest }
}

/**
 * Puts a checked backup into an empty database, migrated or not, and migrates it forward where the backup is older. Its rows
 * come in one transaction and are checked again as they pass. Throws, with the database as empty as it was, where it is in
 * use, holds rows, or has migrations that the backup lacks, and where the backup is no longer the one that was checked.
 */
export async function restoreDatabase(databaseUrl: string, backup: CheckedBackup): Promise<Restored> {
  const { manifest, migrations } = backup
  await withClient(databaseUrl, (client) => demandTarget(client, manifest.migrations))
  await migrate(databaseUrl, migrations, { names: new Set(manifest.migrations.map(({ name }) => name)) })
  const totals = await withClient(databaseUrl, (client) => loadRows(client, backup))
  const migrated = await migrate(databaseUrl, migrations)
  await withClient(databaseUrl, (client) => client.query('ANALYZE'))
  return { manifest, totals, migrated }
}

async function demandKnown({ version, migrations }: BackupManifest, folder: string): Promise<void> {
  const known = new Map((await readMigrations(folder)).map((migration) => [migration.name, migration.checksum]))
  for (const { name, checksum } of migrations) {
    if (!known.has(name))
      throw new Error(
        `The backup was made by Postern ${version} and has migration ${name}, which this version does not know: it is newer. ` +
          `Restore it with Postern ${version} or a newer one.`,
      )
    if (known.get(name) !== checksum)
      throw new Error(`Migration ${name} of the backup (Postern ${version}) is not the one that this version has.`)
  }
}

async function demandTarget(client: pg.Client, named: BackupManifest['migrations']): Promise<void> {
  const ledger = await describeMigrations(client)
  const tables = await describeTables(client)
  if (!ledger && tables.length > 0)
    throw new Error(
      `The database is not empty: it has ${listed(tables.map((table) => table.name))}, not made by Postern.`,
    )
  await demandEmpty(client, tables)
  const ofBackup = new Set(named.map(({ name }) => name))
  const newer = [...(ledger?.applied.map(({ name }) => name) ?? []), ...(ledger?.unfinished ?? [])].filter(
    (name) => !ofBackup.has(name),
  )
  if (newer.length > 0)
    throw new Error(
      `The backup is of before ${listed(newer)}, which the database has already. Restore into a database without any table: ` +
        `it is migrated forward afterwards.`,
    )
}

/** No rows but seeds, and no Postern that would write some. */
async function demandEmpty(client: pg.Client, tables: readonly TableDescription[]): Promise<void> {
  const { rows } = await client.query<{ sessions: number }>(
    `SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE datname = current_database() AND application_name IN ('postern', 'postern-listen', 'postern-duty')`,
  )
  const sessions = rows[0]?.sessions ?? 0
  if (sessions > 0)
    throw new Error(
      `Postern is running on this database (${sessions} connections). Stop it, on every replica, then restore.`,
    )
  const used: string[] = []
  for (const { name } of tables) {
    const seed = SEEDS.get(name)
    const found = await client.query(
      `SELECT 1 FROM ${pg.escapeIdentifier(name)} ${seed ? `WHERE NOT (${seed})` : ''} LIMIT 1`,
    )
    if (found.rowCount) used.push(name)
  }
  if (used.length > 0)
    throw new Error(
      `The database is not empty: there are rows in ${listed(used)}. Restore into an empty one; nothing was changed.`,
    )
}

const listed = (names: readonly string[]): string =>
  `${names.slice(0, TABLES_NAMED).join(', ')}${names.length > TABLES_NAMED ? ` and ${names.length - TABLES_NAMED} more` : ''}`

async function loadRows(client: pg.Client, backup: CheckedBackup): Promise<BackupTotals> {
  await client.query(`SET lock_timeout = '10s'`)
  await client.query('BEGIN')
  const tables = await describeTables(client)
  await client.query(
    `LOCK TABLE ${tables.map(({ name }) => pg.escapeIdentifier(name)).join(', ')} IN ACCESS EXCLUSIVE MODE`,
  )
  await demandEmpty(client, tables)
  for (const [name, seed] of SEEDS)
    if (tables.some((table) => table.name === name))
      await client.query(`DELETE FROM ${pg.escapeIdentifier(name)} WHERE ${seed}`)
  // What triggers once wrote is in the backup.
  const triggered = tables.filter((table) => table.hasTriggers).map(({ name }) => pg.escapeIdentifier(name))
  for (const name of triggered) await client.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`)
  const totals = await readBackup(backup.open(), loader(client, backup.manifest, tables))
  for (const name of triggered) await client.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`)
  await setSequences(client, totals)
  await client.query('COMMIT')
  return totals
}

function loader(client: pg.Client, checked: BackupManifest, tables: readonly TableDescription[]): BackupVisitor {
  return {
    manifest: async (manifest) => {
      if (!isDeepStrictEqual(manifest, checked)) throw damaged('it was changed while it was read')
      demandSameTables(manifest.tables, tables)
    },
    table: async ({ name, columns, partitions = [] }, rows) => {
      await makePartitions(client, name, partitions)
      const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ')
      await pipeline(
        Readable.from(rows),
        client.query(copyFrom(`COPY ${pg.escapeIdentifier(name)} (${list}) FROM STDIN`)),
      ).catch((cause: unknown) => {
        throw new Error(
          `The rows of ${name} were refused, nothing was restored: ${cause instanceof Error ? cause.message : cause}`,
          {
            cause,
          },
        )
      })
    },
  }
}

/** Nobody else is at the table, which this transaction has locked; bounds and storage were read by a strict pattern. */
async function makePartitions(
  client: pg.Client,
  table: string,
  partitions: NonNullable<BackupTable['partitions']>,
): Promise<void> {
  for (const { name, bounds, storage } of partitions)
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${pg.escapeIdentifier(name)} PARTITION OF ${pg.escapeIdentifier(table)} ${bounds} ${storage ? `WITH (${storage})` : ''}`,
    )
}

/** The names become SQL: they must be those of the database. */
function demandSameTables(told: readonly BackupTable[], found: readonly TableDescription[]): void {
  const key = (table: { name: string; columns: readonly string[] }) =>
    JSON.stringify([table.name, ...[...table.columns].sort()])
  const known = new Set(found.map(key))
  const names = new Set(told.map((table) => table.name))
  const other = [
    ...told.filter((table) => !known.has(key(table))).map((table) => table.name),
    ...found.filter((table) => !names.has(table.name)).map((table) => table.name),
  ]
  if (other.length > 0 || names.size !== told.length)
    throw new Error(
      `The backup's tables are not those that its migrations make: ${listed(other)}. Nothing was restored.`,
    )
}

/** By RESTART, which ends with the transaction where setval would stay. */
async function setSequences(client: pg.Client, { sequences }: BackupTotals): Promise<void> {
  const known = new Set((await describeSequences(client)).map(({ name }) => name))
  for (const { name, last, isCalled } of sequences) {
    if (!known.has(name))
      throw new Error(`The backup has a sequence that its migrations do not make: ${name}. Nothing was restored.`)
    await client.query(`ALTER SEQUENCE ${pg.escapeIdentifier(name)} RESTART WITH ${BigInt(last)}`)
    if (isCalled) await client.query('SELECT nextval($1::regclass)', [pg.escapeIdentifier(name)])
  }
}

async function withClient<T>(connectionString: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: 10_000,
    application_name: 'postern-restore',
    keepAlive: true,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(PLAIN_TEXT)
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
