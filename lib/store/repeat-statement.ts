import 'server-only'
import { createHash } from 'node:crypto'
import pg from 'pg'
import { type MigrationSession, withPatience } from './lock-patience'

const CREATE_INDEX =
  /^CREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+IF\s+NOT\s+EXISTS\s+("[^"]+"|\w+)\s+ON\s+("[^"]+"|\w+)(?!\w)([\s\S]*)$/i
const DETACH = /^ALTER\s+TABLE\s+("[^"]+"|\w+)\s+DETACH\s+PARTITION\s+("[^"]+"|\w+)\s+CONCURRENTLY$/i
const NAME_BYTES = 63
/** Retention may take partitions away while their indexes are made: then they are listed again. */
const LISTINGS = 100

/**
 * Runs one statement of a migration outside a transaction, from whatever state a killed run left: an index that was never
 * finished is dropped and built again, a detachment that was begun is ended. An index of a partitioned table, which
 * PostgreSQL cannot build CONCURRENTLY, is built partition by partition.
 */
export async function runRepeatable(session: MigrationSession, statement: string): Promise<void> {
  const [, unique = '', index = '', table = '', rest = ''] = CREATE_INDEX.exec(statement) ?? []
  if (index !== '') {
    if (await isPartitioned(session.client, table)) await indexPartitions(session, { unique, index, table, rest })
    else await buildIndex(session, index, statement)
    return
  }
  const [, parent = '', partition = ''] = DETACH.exec(statement) ?? []
  if (parent !== '') await detach(session, parent, partition, statement)
  else await run(session, true, statement)
}

/** Nobody who reads or writes queues up behind what stands here: it takes SHARE UPDATE EXCLUSIVE, or waits for transactions to end. */
const run = (session: MigrationSession, isHarmless: boolean, statement: string): Promise<void> =>
  withPatience(session, isHarmless, async () => void (await session.client.query(statement)))

async function buildIndex(session: MigrationSession, index: string, statement: string): Promise<void> {
  await withPatience(session, true, async () => {
    const { rowCount } = await session.client.query(
      'SELECT 1 FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid',
      [index],
    )
    if (rowCount) await session.client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`)
    await session.client.query(statement)
  })
}

interface PartitionedIndex {
  readonly unique: string
  readonly index: string
  readonly table: string
  /** Columns and what follows. */
  readonly rest: string
}

async function indexPartitions(
  session: MigrationSession,
  { unique, index, table, rest }: PartitionedIndex,
): Promise<void> {
  // Touches no row: partitions that are made from now on get the index by themselves.
  await run(session, false, `CREATE ${unique}INDEX IF NOT EXISTS ${index} ON ONLY ${table}${rest}`)
  for (let listing = 0; listing < LISTINGS; listing += 1) {
    const [partition] = await partitionsWithout(session.client, table, index)
    if (partition === undefined) return
    const child = childName(index, partition)
    try {
      await buildIndex(
        session,
        child,
        `CREATE ${unique}INDEX CONCURRENTLY IF NOT EXISTS ${child} ON ${partition}${rest}`,
      )
      await run(session, false, `ALTER INDEX ${index} ATTACH PARTITION ${child}`)
      listing = 0
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
  throw new Error(`partitions of ${table} come and go faster than their indexes are built`)
}

/** Undefined table or object; the watcher of locks passes both through. */
const isGone = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && ['42P01', '42704'].includes(error.code ?? '')

async function partitionsWithout(client: pg.Client, table: string, index: string): Promise<string[]> {
  const { rows } = await client.query<{ partition: string }>(
    `SELECT t.relid::regclass::text AS partition FROM pg_partition_tree(to_regclass($1)) t
     WHERE t.isleaf AND t.level = 1 AND NOT EXISTS (
       SELECT 1 FROM pg_index i JOIN pg_inherits h ON h.inhrelid = i.indexrelid
       WHERE i.indrelid = t.relid AND h.inhparent = to_regclass($2))
     ORDER BY 1 LIMIT 1`,
    [table, index],
  )
  return rows.map((row) => row.partition)
}

/** The same on every run, and of no other partition. */
function childName(index: string, partition: string): string {
  const tail = createHash('sha256').update(partition).digest('hex').slice(0, 12)
  const bare = index.replaceAll('"', '')
  return pg.escapeIdentifier(`${bare.slice(0, NAME_BYTES - tail.length - 1)}_${tail}`)
}

async function isPartitioned(client: pg.Client, table: string): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT 1 FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'p'`, [
    table,
  ])
  return rowCount === 1
}

async function detach(session: MigrationSession, parent: string, partition: string, statement: string): Promise<void> {
  await withPatience(session, true, async () => {
    const { rows } = await session.client.query<{ isPending: boolean }>(
      `SELECT inhdetachpending AS "isPending" FROM pg_inherits
       WHERE inhparent = to_regclass($1) AND inhrelid = to_regclass($2)`,
      [parent, partition],
    )
    if (rows[0]?.isPending) await session.client.query(`ALTER TABLE ${parent} DETACH PARTITION ${partition} FINALIZE`)
    else if (rows[0]) await session.client.query(statement)
  })
}
