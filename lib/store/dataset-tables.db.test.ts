import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pool, query, useDatabase } from './client'
import { DATASET_TABLES, datasetTableNames, SHARED_TABLES } from './dataset-tables'
import { FIRST_RECORD } from './load-oldest'
import { createTestDatabase } from './test-database'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const columnsOf = async (table: string): Promise<string[]> =>
  (
    await query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1`,
      [table],
    )
  ).map(({ name }) => name)

describe('the list of tables that hold rows of a dataset', () => {
  it('knows every table of the database, or why it holds none', async () => {
    const tables = await query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
         AND c.relnamespace = current_schema()::regnamespace ORDER BY 1`,
    )
    const known = [...datasetTableNames(), ...Object.keys(SHARED_TABLES)].sort()
    expect(known).toEqual(tables.map(({ name }) => name).sort())
  })

  it('has every table with a column `dataset`, and no other beside those that hang on them', async () => {
    const withColumn = await query<{ name: string }>(
      `SELECT c.table_name AS name FROM information_schema.columns c
       JOIN pg_class t ON t.oid = format('%I.%I', c.table_schema, c.table_name)::regclass
       WHERE c.table_schema = current_schema() AND c.column_name = 'dataset' AND t.relkind IN ('r', 'p') AND NOT t.relispartition`,
    )
    expect(DATASET_TABLES.map(({ table }) => table).sort()).toEqual(withColumn.map(({ name }) => name).sort())
  })

  it('leaves out no table that names rows of another by their id', async () => {
    const naming = await query<{ table: string; column: string }>(
      `SELECT c.table_name AS table, c.column_name AS column FROM information_schema.columns c
       JOIN pg_class t ON t.oid = format('%I.%I', c.table_schema, c.table_name)::regclass
       WHERE c.table_schema = current_schema() AND t.relkind IN ('r', 'p') AND NOT t.relispartition
         AND c.column_name IN ('edge_id', 'variant_id', 'endpoint_id', 'connection_id', 'client_id', 'server_id') ORDER BY c.table_name`,
    )
    const names = datasetTableNames()
    expect(naming.filter(({ table }) => !names.includes(table))).toEqual([
      // Of live data alone.
      { table: 'edge_first_seen', column: 'edge_id' },
      // Frozen: what it shows is in its own row.
      { table: 'incident', column: 'edge_id' },
    ])
  })

  it.each(DATASET_TABLES)('says keys and order of $table that are columns, the key unique', async (entry) => {
    const { table, key, order = key, hanging = [] } = entry
    const columns = await columnsOf(table)
    expect(columns).toEqual(expect.arrayContaining([...key, ...order]))
    for (const below of hanging) {
      expect(columns).toContain('id')
      expect(await columnsOf(below.table)).toEqual(expect.arrayContaining([...below.key, below.by]))
    }
    for (const { table: name, key: unique } of [entry, ...hanging])
      expect(
        (await uniqueSets(name)).some((set) => set.every((column) => unique.includes(column))),
        name,
      ).toBe(true)
  })

  it.each(DATASET_TABLES.filter(({ table }) => table !== 'bucket_change'))(
    'takes the rows of a dataset out of $table by an index on it',
    async ({ table, key, order = key, lock, hanging = [] }) => {
      const where = `dataset = 'gone' AND dataset <> '' AND length(dataset) > 0${lock === 'connections' ? ` AND cluster = 'c'` : ''}`
      const plan = await planOf(`SELECT FROM ${table} WHERE ${where} ORDER BY ${order.join(', ')} LIMIT 5000`)
      expect(plan).toMatch(/Index Cond: .*dataset = 'gone'/)
      expect(plan).not.toContain('Seq Scan')
      // Sorting all rows of a dataset for every batch would cost their square.
      expect(plan).not.toMatch(/-> +Sort +\(/)
      for (const below of hanging)
        expect(
          await planOf(`SELECT FROM ${below.table} WHERE ${below.by} = ANY('{1,2}'::bigint[]) LIMIT 5000`),
        ).toMatch(new RegExp(`Index Cond: .*${below.by} = ANY`))
    },
  )
})

it('the first record of a pinned dataset is one look-up per table', async () => {
  const plan = await planOf(FIRST_RECORD.replaceAll('$1', `'gone'`))
  expect(plan.match(/Index Cond: .*dataset = 'gone'/g)).toHaveLength(7)
  expect(plan.match(/^ +-> +Limit /gm)).toHaveLength(7)
  expect(plan).not.toMatch(/Seq Scan|-> +Sort/)
})

/** The plan that a large table would get: an empty one is read as a whole, or sorted. */
async function planOf(sql: string): Promise<string> {
  const client = await pool().connect()
  try {
    await client.query('BEGIN')
    await client.query('SET LOCAL enable_seqscan = off')
    await client.query('SET LOCAL enable_bitmapscan = off')
    await client.query('SET LOCAL enable_sort = off')
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`)
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

const uniqueSets = async (table: string): Promise<string[][]> =>
  (
    await query<{ columns: string[] }>(
      `SELECT (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a
         WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)) AS columns
       FROM pg_index i WHERE i.indrelid = $1::regclass AND i.indisunique`,
      [table],
    )
  ).map(({ columns }) => columns)
