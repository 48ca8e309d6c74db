import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { query, useDatabase } from './client'
import { DISTRIBUTION, distributeTables } from './distribute'
import { createTestDatabase, type TestDatabase } from './test-database'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const distributed = Object.entries(DISTRIBUTION).flatMap(([table, where]) =>
  typeof where === 'object' ? [[table, where.by] as const] : [],
)

describe('the schema is ready to be distributed', () => {
  test('every table has its place, and no other', async () => {
    const rows = await query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
    )
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(DISTRIBUTION).sort())
  })

  test.each(distributed)(
    '%s: %s is in every key, and nothing hangs on it that a shard cannot have',
    async (table, by) => {
      const [row] = await query<{
        keys: string[][]
        triggers: number
        foreign: number
        generated: number
        type: string
      }>(
        `SELECT (SELECT json_agg(ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) k JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k))
           FROM pg_index i WHERE i.indrelid = $1::regclass AND i.indisunique) AS keys,
         (SELECT count(*)::int FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal) AS triggers,
         (SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND $1::regclass IN (conrelid, confrelid)) AS "foreign",
         (SELECT count(*)::int FROM pg_attrdef d WHERE d.adrelid = $1::regclass AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%') AS generated`,
        [table],
      )
      expect(row?.keys.length).toBeGreaterThan(0)
      expect(row?.keys.filter((key) => !key.includes(by))).toEqual([])
      expect(row).toMatchObject({ triggers: 0, foreign: 0, generated: 0 })
    },
  )

  test('tables that are stored together are distributed by columns of one type', async () => {
    for (const [table, where] of Object.entries(DISTRIBUTION)) {
      if (typeof where !== 'object' || where.with === undefined) continue
      const other = DISTRIBUTION[where.with]
      if (typeof other !== 'object') throw new Error(`${where.with} is not distributed`)
      const types = await query<{ type: string }>(
        `SELECT DISTINCT atttypid::regtype::text AS type FROM pg_attribute
         WHERE (attrelid = $1::regclass AND attname = $2) OR (attrelid = $3::regclass AND attname = $4)`,
        [table, where.by, where.with, other.by],
      )
      expect(types).toHaveLength(1)
    }
  })
})

test('without the extension the setting ends the start with what to do', async () => {
  await expect(distributeTables(database.url)).rejects.toThrow(/CREATE EXTENSION citus/)
})
