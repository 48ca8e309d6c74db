import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate } from './migrate'
import { createEmptyTestDatabase, type TestDatabase } from './test-database'

let database: TestDatabase
let folder: string

beforeEach(async () => {
  database = await createEmptyTestDatabase()
  folder = mkdtempSync(path.join(os.tmpdir(), 'postern-migrate-'))
  put('001_first', 'CREATE TABLE one (id int);\nCREATE FUNCTION two() RETURNS int LANGUAGE sql AS $$ SELECT 2; $$;')
})

afterEach(async () => {
  rmSync(folder, { recursive: true })
  await database.drop()
})

describe('migrate', () => {
  it('applies what is missing, once, in name order', async () => {
    put('002_second', 'ALTER TABLE one ADD COLUMN name text')
    expect(await migrate(database.url, folder)).toEqual(['001_first', '002_second'])
    expect(await migrate(database.url, folder)).toEqual([])
    put('003_third', 'DROP TABLE one')
    expect(await migrate(database.url, folder)).toEqual(['003_third'])
  })

  it('applies each migration once where several processes start together', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => migrate(database.url, folder)))
    expect(answers.flat()).toEqual(['001_first'])
  })

  it('rolls a failed migration back whole, names it with its line, and goes on once it is mended', async () => {
    put('002_second', 'CREATE TABLE half (id int);\nINSERT INTO missing VALUES (1);')
    await expect(migrate(database.url, folder)).rejects.toThrow(/002_second failed.*"missing".*line 2/)
    expect(await tables()).toEqual(['_prisma_migrations', 'one'])
    put('002_second', 'CREATE TABLE half (id int)')
    expect(await migrate(database.url, folder)).toEqual(['002_second'])
  })

  it('refuses a migration that was edited after it was applied', async () => {
    await migrate(database.url, folder)
    put('001_first', 'CREATE TABLE other (id int)')
    await expect(migrate(database.url, folder)).rejects.toThrow(/001_first was edited/)
  })

  it('refuses a database that a newer version has migrated', async () => {
    put('009_future', 'SELECT 1')
    await migrate(database.url, folder)
    rmSync(path.join(folder, '009_future'), { recursive: true })
    await expect(migrate(database.url, folder)).rejects.toThrow(/009_future.*newer version/)
  })

  it('refuses a database that another tool left half migrated', async () => {
    await migrate(database.url, folder)
    await query('UPDATE "_prisma_migrations" SET finished_at = NULL')
    await expect(migrate(database.url, folder)).rejects.toThrow(/001_first.*never finished/)
  })
})

function put(name: string, sql: string): void {
  mkdirSync(path.join(folder, name), { recursive: true })
  writeFileSync(path.join(folder, name, 'migration.sql'), sql)
}

async function tables(): Promise<string[]> {
  const rows = await query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
  return rows.map((row) => row.tablename ?? '')
}

async function query(sql: string): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query<Record<string, string>>(sql)).rows
  } finally {
    await client.end()
  }
}
