import 'server-only'
import type { Queryable } from './client'

/** A table with rows of its own: partitions belong to the table that they are of. */
export interface TableDescription {
  readonly name: string
  /** Those that can be written, in order. */
  readonly columns: readonly string[]
  /** Of tables partitioned by (dataset, time): the time. */
  readonly timeColumn?: string
  /** Triggers that are not PostgreSQL's own. */
  readonly hasTriggers: boolean
}

interface TableRow {
  readonly name: string
  readonly columns: string[]
  readonly key: string[]
  readonly parents: string[]
  readonly hasTriggers: boolean
}

/** The ledger of migrations, which is not data. */
export const MIGRATION_LEDGER = '_prisma_migrations'

/** Tables of the schema that migrations write to, what extensions brought left out; a table stands behind those that its foreign keys name. */
export async function describeTables(client: Queryable): Promise<TableDescription[]> {
  const { rows } = await client.query<TableRow>(
    `SELECT c.relname AS name,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
       ARRAY(SELECT a.attname::text FROM pg_partitioned_table p, unnest(p.partattrs::int2[]) WITH ORDINALITY k(num, at)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num WHERE p.partrelid = c.oid ORDER BY k.at) AS key,
       ARRAY(SELECT DISTINCT f.relname::text FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
             WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS parents,
       EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS "hasTriggers"
     FROM pg_class c
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname <> $1 AND c.relpersistence = 'p'
       AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     ORDER BY c.relname COLLATE "C"`,
    [MIGRATION_LEDGER],
  )
  return parentsFirst(rows).map(({ name, columns, key, hasTriggers }) => {
    const [first, timeColumn] = key
    return { name, columns, hasTriggers, ...(first === 'dataset' && timeColumn !== undefined && { timeColumn }) }
  })
}

function parentsFirst(rows: readonly TableRow[]): TableRow[] {
  const byName = new Map(rows.map((row) => [row.name, row]))
  const done = new Set<TableRow>()
  const visit = (row: TableRow, trail: readonly string[]) => {
    if (done.has(row)) return
    if (trail.includes(row.name)) throw new Error(`Foreign keys form a circle: ${[...trail, row.name].join(', ')}`)
    for (const parent of row.parents) {
      const found = byName.get(parent)
      if (found) visit(found, [...trail, row.name])
    }
    done.add(row)
  }
  for (const row of rows) visit(row, [])
  return [...done]
}

export interface SequenceState {
  readonly name: string
  readonly last: string
  /** False: `last` is what it gives next. */
  readonly isCalled: boolean
}

/** Sequences of that schema, as they stand at this moment, whatever the transaction sees. */
export async function describeSequences(client: Queryable): Promise<SequenceState[]> {
  const { rows } = await client.query<{ name: string; quoted: string }>(
    `SELECT sequencename AS name, quote_ident(sequencename) AS quoted
     FROM pg_sequences WHERE schemaname = current_schema() ORDER BY sequencename COLLATE "C"`,
  )
  const states: SequenceState[] = []
  // The view pg_sequences does not tell where one stands that was set and never asked.
  for (const { name, quoted } of rows) {
    const state = await client.query<{ last: string; isCalled: boolean }>(
      `SELECT last_value::text AS last, is_called AS "isCalled" FROM ${quoted}`,
    )
    states.push({ name, last: '1', isCalled: false, ...state.rows[0] })
  }
  return states
}

/** Migrations that are in force, in name order, and those that were begun and are not done. */
export async function describeMigrations(
  client: Queryable,
): Promise<{ applied: { name: string; checksum: string }[]; unfinished: string[] } | undefined> {
  const found = await client.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [`"${MIGRATION_LEDGER}"`])
  if (found.rowCount === 0) return undefined
  const { rows } = await client.query<{ name: string; checksum: string; isFinished: boolean }>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished" FROM "${MIGRATION_LEDGER}"
     WHERE rolled_back_at IS NULL ORDER BY migration_name COLLATE "C"`,
  )
  return {
    applied: rows.filter((row) => row.isFinished).map(({ name, checksum }) => ({ name, checksum })),
    unfinished: rows.filter((row) => !row.isFinished).map((row) => row.name),
  }
}
