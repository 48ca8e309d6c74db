import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Patience } from './lock-patience'
import { migrate } from './migrate'
import { createEmptyTestDatabase, type TestDatabase } from './test-database'

/** Pauses enough for as long as a test may last. */
const PATIENT: Patience = { lockTimeoutMs: 200, harmlessTimeoutMs: 60_000, pausesMs: Array<number>(500).fill(20) }
const SOON = { timeout: 20_000, interval: 10 }
const OUTSIDE = '-- postern: statements outside a transaction\n'

let database: TestDatabase
let folder: string
let clients: pg.Client[]
let eye: pg.Client

beforeEach(async () => {
  database = await createEmptyTestDatabase()
  folder = mkdtempSync(path.join(os.tmpdir(), 'postern-load-'))
  clients = []
  eye = await connect('eye')
  put(
    '001_first',
    `CREATE TABLE fact (id bigserial PRIMARY KEY, name text); CREATE TABLE other (id int);
     INSERT INTO fact (name) SELECT 'n' || g FROM generate_series(1, 500) g;`,
  )
  await migrate(database.url, folder)
})

afterEach(async () => {
  await Promise.all(clients.map((client) => client.end()))
  rmSync(folder, { recursive: true })
  await database.drop()
})

describe('a migration whose table is in use', () => {
  it('lets the inserts go on that queued up behind it, while a long reader still holds its lock', async () => {
    const reader = await hold('SELECT count(*) FROM fact')
    const writers = await startWriters(3)
    put('002_column', 'ALTER TABLE fact ADD COLUMN more text')
    const migrating = migrate(database.url, folder, { patience: PATIENT })
    for (let round = 0; round < 3; round += 1) {
      const queued = await vi.waitUntil(() => queuedBehindMigration(), SOON)
      const before = writers.committed()
      await vi.waitUntil(async () => !(await isWaiting(queued)) && writers.committed() > before, SOON)
      expect(await columns('fact')).toEqual(['id', 'name'])
    }
    await reader.query('COMMIT')
    expect(await migrating).toEqual(['002_column'])
    expect(await columns('fact')).toEqual(['id', 'name', 'more'])
    await writers.stop()
  })

  it('gives up with the names of those in its way, has changed nothing, and runs once they are gone', async () => {
    const reader = await hold('SELECT count(*) FROM fact', 'nightly report')
    put('002_column', 'ALTER TABLE other ADD COLUMN more text;\nALTER TABLE fact ADD COLUMN more text')
    const patience = { ...PATIENT, pausesMs: [1, 1] }
    await expect(migrate(database.url, folder, { patience })).rejects.toThrow(
      /002_column.*locked 3 times.*process \d+ \(nightly report\), idle in transaction, in a transaction for \d+ s/,
    )
    expect(await columns('other')).toEqual(['id'])
    await reader.query('COMMIT')
    expect(await migrate(database.url, folder, { patience })).toEqual(['002_column'])
  })

  it('is stopped although it turns the limit of the server off', async () => {
    await hold('SELECT count(*) FROM fact', 'nightly report')
    put('002_column', 'SET LOCAL lock_timeout = 0; ALTER TABLE fact ADD COLUMN more text')
    await expect(migrate(database.url, folder, { patience: { ...PATIENT, pausesMs: [1] } })).rejects.toThrow(
      /locked 2 times.*nightly report/,
    )
  })

  it('fails at once for any other reason', async () => {
    put('002_wrong', 'ALTER TABLE missing ADD COLUMN more text')
    await expect(migrate(database.url, folder, { patience: PATIENT })).rejects.toThrow(/002_wrong.*"missing"/)
  })
})

describe('statements outside a transaction', () => {
  it('build an index and check a constraint while transactions are open and inserts go on', async () => {
    put('002_check', "ALTER TABLE fact ADD CONSTRAINT named CHECK (name <> '') NOT VALID")
    await migrate(database.url, folder)
    const writer = await hold("INSERT INTO fact (name) VALUES ('open')")
    const writers = await startWriters(3)
    put(
      '003_index',
      `${OUTSIDE}CREATE INDEX CONCURRENTLY IF NOT EXISTS "fact_name" ON "fact" ("name");
       -- with a semicolon; in a comment
       ALTER TABLE fact VALIDATE CONSTRAINT named;`,
    )
    const migrating = migrate(database.url, folder, { patience: PATIENT })
    await vi.waitUntil(() => migrationWaits(), SOON)
    const before = writers.committed()
    await vi.waitUntil(() => writers.committed() >= before + 100, SOON)
    expect(await migrationWaits()).toBe(true)
    await writer.query('COMMIT')
    expect(await migrating).toEqual(['003_index'])
    await writers.stop()
    expect(await one(`SELECT indisvalid AS answer FROM pg_index WHERE indexrelid = 'fact_name'::regclass`)).toBe(true)
    expect(await one(`SELECT convalidated AS answer FROM pg_constraint WHERE conname = 'named'`)).toBe(true)
  })

  it('go on after a kill where they were: the half-built index is built again, what is done is not repeated', async () => {
    put('002_index', twoIndexes('name'))
    const writer = await hold('INSERT INTO other VALUES (1)')
    const migrating = expect(migrate(database.url, folder, { patience: PATIENT })).rejects.toThrow()
    await vi.waitUntil(() => migrationWaits(), SOON)
    await eye.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OURS}`)
    await migrating
    await writer.query('COMMIT')
    expect(await one(`SELECT indisvalid AS answer FROM pg_index WHERE indexrelid = to_regclass('other_id')`)).toBe(
      false,
    )
    expect(await ledger()).toEqual({ finished: false, steps: 1 })
    await eye.query('DROP INDEX fact_name')
    await expect(migrate(database.url, folder)).resolves.toEqual(['002_index'])
    expect(await one(`SELECT indisvalid AS answer FROM pg_index WHERE indexrelid = to_regclass('other_id')`)).toBe(true)
    expect(await one(`SELECT to_regclass('fact_name') AS answer`)).toBeNull()
    expect(await ledger()).toEqual({ finished: true, steps: 2 })
    expect(await migrate(database.url, folder)).toEqual([])
  })

  it('keep what failed in the ledger, and go on once the file is mended', async () => {
    put('002_index', twoIndexes('missing'))
    await expect(migrate(database.url, folder)).rejects.toThrow(/002_index stopped.*"missing".*line 2/)
    expect(await one(`SELECT logs AS answer FROM "_prisma_migrations" WHERE finished_at IS NULL`)).toMatch(/missing/)
    put('002_index', twoIndexes('name'))
    expect(await migrate(database.url, folder)).toEqual(['002_index'])
    put('002_index', twoIndexes('id'))
    await expect(migrate(database.url, folder)).rejects.toThrow(/002_index was edited/)
  })

  it("let several processes start together: one that waits for its turn stands in no index build's way", async () => {
    put('002_index', twoIndexes('name'))
    const writer = await hold("INSERT INTO fact (name) VALUES ('open')")
    const migrating = Promise.all([1, 2, 3].map(() => migrate(database.url, folder, { patience: PATIENT })))
    await vi.waitUntil(async () => (await migrationWaits()) && (await count(OURS)) === 3, SOON)
    expect(await count(`${OURS} AND wait_event_type = 'Lock' AND query LIKE '%advisory%'`)).toBe(0)
    await writer.query('COMMIT')
    expect((await migrating).flat()).toEqual(['002_index'])
  })

  it('build the index of a partitioned table partition by partition, new partitions included, again after a kill', async () => {
    put(
      '002_parts',
      `CREATE TABLE part (dataset text, at int, name text) PARTITION BY RANGE (dataset, at);
      CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('', 0) TO ('', 10);
      CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM ('', 10) TO ('', 20);
      INSERT INTO part SELECT '', g % 20, 'x' FROM generate_series(1, 100) g;`,
    )
    await migrate(database.url, folder)
    put(
      '003_index',
      `${OUTSIDE}CREATE INDEX CONCURRENTLY IF NOT EXISTS part_name ON part (dataset, name) WHERE at > 1;`,
    )
    const writer = await hold("INSERT INTO part_2 VALUES ('', 15, 'open')")
    const migrating = expect(migrate(database.url, folder, { patience: PATIENT })).rejects.toThrow()
    await vi.waitUntil(() => migrationWaits(), SOON)
    await eye.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OURS}`)
    await migrating
    await writer.query('COMMIT')
    await eye.query(
      `CREATE TABLE part_3 (LIKE part); ALTER TABLE part ATTACH PARTITION part_3 FOR VALUES FROM ('', 20) TO ('', 30)`,
    )
    expect(await migrate(database.url, folder)).toEqual(['003_index'])
    const { rows } = await eye.query(
      `SELECT i.indrelid::regclass::text AS name, i.indisvalid AS valid FROM pg_partition_tree('part_name') t
       JOIN pg_index i ON i.indexrelid = t.relid ORDER BY 1`,
    )
    expect(rows).toEqual(['part', 'part_1', 'part_2', 'part_3'].map((name) => ({ name, valid: true })))
    expect(await count(`true`, 'pg_index WHERE NOT indisvalid AND')).toBe(0)
  })

  it('end a detachment that a kill left pending', async () => {
    await eye.query(`CREATE TABLE part (at int) PARTITION BY RANGE (at);
      CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10)`)
    put('002_detach', `${OUTSIDE}ALTER TABLE part DETACH PARTITION part_1 CONCURRENTLY`)
    const reader = await hold('SELECT * FROM part')
    const migrating = expect(migrate(database.url, folder, { patience: PATIENT })).rejects.toThrow()
    await vi.waitUntil(() => migrationWaits(), SOON)
    await eye.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OURS}`)
    await migrating
    await reader.query('COMMIT')
    expect(await one('SELECT inhdetachpending AS answer FROM pg_inherits')).toBe(true)
    expect(await migrate(database.url, folder)).toEqual(['002_detach'])
    expect(await count('true', 'pg_inherits WHERE')).toBe(0)
  })

  it('are refused where a second run would not end as the first', async () => {
    put('002_wrong', `${OUTSIDE}\nCREATE INDEX CONCURRENTLY fact_name ON fact (name)`)
    await expect(migrate(database.url, folder)).rejects.toThrow(/002_wrong: line 3: outside a transaction only/)
  })
})

const twoIndexes = (column: string): string =>
  `${OUTSIDE}CREATE INDEX CONCURRENTLY IF NOT EXISTS fact_name ON fact (${column});
   CREATE INDEX CONCURRENTLY IF NOT EXISTS other_id ON other (id);`

const OURS = `application_name = 'postern-migrate' AND datname = current_database()`

function put(name: string, sql: string): void {
  mkdirSync(path.join(folder, name), { recursive: true })
  writeFileSync(path.join(folder, name, 'migration.sql'), sql)
}

async function connect(name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url, application_name: name })
  client.on('error', () => undefined)
  await client.connect()
  clients.push(client)
  return client
}

/** A transaction that stays open behind its statement. */
async function hold(sql: string, name = 'holder'): Promise<pg.Client> {
  const client = await connect(name)
  await client.query('BEGIN')
  await client.query(sql)
  return client
}

/** Connections that insert without a pause; every insert must succeed. */
async function startWriters(many: number) {
  let committed = 0
  let isStopped = false
  const loops = Array.from({ length: many }, async () => {
    const client = await connect('writer')
    while (!isStopped) {
      await client.query("INSERT INTO fact (name) VALUES ('new')")
      committed += 1
    }
  })
  await vi.waitUntil(() => committed > many, SOON)
  return {
    committed: () => committed,
    stop: async () => {
      isStopped = true
      await Promise.all(loops)
    },
  }
}

const migrationWaits = async (): Promise<boolean> => (await count(`${OURS} AND wait_event_type = 'Lock'`)) > 0

/** A writer that waits for the migration, which waits itself. */
async function queuedBehindMigration(): Promise<number | undefined> {
  const { rows } = await eye.query<{ pid: number }>(
    `SELECT w.pid FROM pg_stat_activity w JOIN pg_stat_activity m ON m.pid = ANY (pg_blocking_pids(w.pid))
     WHERE w.application_name = 'writer' AND w.datname = current_database() AND m.application_name = 'postern-migrate' AND m.wait_event_type = 'Lock'`,
  )
  return rows[0]?.pid
}

const isWaiting = async (pid: number): Promise<boolean> =>
  (await count(`pid = ${pid} AND wait_event_type = 'Lock'`)) > 0

const count = async (condition: string, from = 'pg_stat_activity WHERE'): Promise<number> =>
  Number(await one(`SELECT count(*) AS answer FROM ${from} ${condition}`))

async function one(sql: string): Promise<unknown> {
  return (await eye.query<{ answer: unknown }>(sql)).rows[0]?.answer
}

const ledger = async (): Promise<unknown> =>
  (
    await eye.query(
      `SELECT finished_at IS NOT NULL AS finished, applied_steps_count AS steps FROM "_prisma_migrations" ORDER BY migration_name DESC LIMIT 1`,
    )
  ).rows[0]

async function columns(table: string): Promise<unknown[]> {
  const { rows } = await eye.query<{ name: string }>(
    'SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 ORDER BY attnum',
    [table],
  )
  return rows.map((row) => row.name)
}
