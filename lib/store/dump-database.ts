import 'server-only'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import {
  BACKUP_FORMAT,
  type BackupEntry,
  type BackupManifest,
  type BackupTable,
  type BackupTotals,
  MANIFEST_ENTRY,
  PARTITION_BOUNDS,
  pieceName,
  TOTALS_ENTRY,
} from './backup-manifest'
import { describeMigrations, describeSequences, describeTables, type TableDescription } from './describe-schema'
import { whileNobodyMigrates } from './migration-lock'
import { Tally } from './read-backup'

const PIECE_BYTES = 1024 * 1024
const MIGRATION_WAIT_MS = 60_000
/** What COPY writes and reads must not hang on the settings of a role or a server. */
export const PLAIN_TEXT = `SET client_encoding = 'UTF8'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; SET timezone = 'UTC';
  SET extra_float_digits = 3; SET bytea_output = 'hex'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0`

/**
 * Every row of every table, as of one moment, as the entries of a backup; whoever writes goes on meanwhile. Holds a few
 * pieces of a megabyte each. Tables cannot be dropped or rewritten until it is done. Throws where the database was never
 * migrated, or a migration is running or was left half done.
 */
export async function* dumpDatabase(databaseUrl: string, version: string): AsyncGenerator<BackupEntry> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    application_name: 'postern-backup',
    keepAlive: true,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(PLAIN_TEXT)
    const manifest = await openSnapshot(client, version)
    yield entry(MANIFEST_ENTRY, manifest)
    const tables: BackupTotals['tables'] = []
    for (const table of manifest.tables) {
      const tally = new Tally()
      yield* dumpTable(client, table, tally)
      tables.push({ name: table.name, ...tally.result() })
    }
    // Sequences know no snapshot: read last, they are ahead of every row.
    const totals: BackupTotals = { tables, sequences: [...(await describeSequences(client))] }
    yield entry(TOTALS_ENTRY, totals)
  } finally {
    await client.end().catch(() => undefined)
  }
}

const entry = (name: string, value: unknown): BackupEntry => ({
  name,
  bytes: Buffer.from(`${JSON.stringify(value, undefined, 1)}\n`),
})

/** One transaction sees one moment; the locks of readers keep its tables as they are until it ends. */
async function openSnapshot(client: pg.Client, version: string): Promise<BackupManifest> {
  let manifest: BackupManifest | undefined
  const isDone = await whileNobodyMigrates(client, MIGRATION_WAIT_MS, async () => {
    await client.query(`SET lock_timeout = '30s'`)
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
    const migrations = await describeMigrations(client)
    const [unfinished] = migrations?.unfinished ?? []
    if (unfinished !== undefined)
      throw new Error(
        `Migration ${unfinished} was begun and is not done. Start Postern, which ends it; then make the backup.`,
      )
    if (!migrations || migrations.applied.length === 0)
      throw new Error('The database holds no data of Postern: it was never migrated.')
    const tables = await describeTables(client)
    const names = tables.map((table) => pg.escapeIdentifier(table.name))
    await client.query(`LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE`)
    const { rows } = await client.query<{ now: Date }>('SELECT transaction_timestamp() AS now')
    manifest = {
      format: BACKUP_FORMAT,
      version,
      createdAt: (rows[0]?.now ?? new Date()).toISOString(),
      migrations: migrations.applied,
      tables: await Promise.all(tables.map((table) => withPartitions(client, table))),
    }
  })
  if (!isDone || !manifest) throw new Error('A migration is running. Make the backup when it is done.')
  return manifest
}

async function withPartitions(
  client: pg.Client,
  { name, columns, timeColumn }: TableDescription,
): Promise<BackupTable> {
  if (timeColumn === undefined) return { name, columns: [...columns] }
  const { rows } = await client.query<{ name: string; bounds: string; storage: string | null }>(
    `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds, array_to_string(c.reloptions, ', ') AS storage
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass ORDER BY c.relname COLLATE "C"`,
    [pg.escapeIdentifier(name)],
  )
  // The others are made by migrations.
  const partitions = rows
    .filter(({ bounds }) => PARTITION_BOUNDS.test(bounds))
    .map(({ storage, ...partition }) => ({ ...partition, ...(storage && { storage }) }))
  return { name, columns: [...columns], partitions }
}

async function* dumpTable(
  client: pg.Client,
  { name, columns }: BackupTable,
  tally: Tally,
): AsyncGenerator<BackupEntry> {
  const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ')
  let waiting: Uint8Array[] = []
  let size = 0
  let piece = 0
  const cut = (): BackupEntry => {
    const bytes = Buffer.concat(waiting)
    tally.add(bytes)
    waiting = []
    size = 0
    piece += 1
    return { name: pieceName(name, piece - 1), bytes }
  }
  // Each partition by itself: a query over all of them would lock their indexes too, and with years of them run out of locks.
  for (const part of await leavesOf(client, name))
    for await (const chunk of client.query(copyTo(`COPY ${part} (${list}) TO STDOUT`))) {
      const bytes: Uint8Array = chunk
      // A row may be larger than a piece: pieces are cut anywhere.
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        const slice = bytes.subarray(at, at + PIECE_BYTES)
        waiting.push(slice)
        size += slice.length
        if (size >= PIECE_BYTES) yield cut()
      }
    }
  if (size > 0) yield cut()
}

/** Quoted names of what holds the rows of a table: itself, or its partitions. */
async function leavesOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ part: string | null; isTable: boolean }>(
    `SELECT t.relid::regclass::text AS part, c.relkind = 'r' AS "isTable"
     FROM pg_class c LEFT JOIN LATERAL pg_partition_tree(c.oid) t ON c.relkind = 'p' AND t.isleaf
     WHERE c.oid = to_regclass($1) ORDER BY t.relid::regclass::text`,
    [pg.escapeIdentifier(table)],
  )
  return rows.flatMap(({ part, isTable }) => (isTable ? [pg.escapeIdentifier(table)] : part === null ? [] : [part]))
}
