import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BackupEntry, MANIFEST_ENTRY, TOTALS_ENTRY } from './backup-manifest'
import { dumpDatabase } from './dump-database'
import { migrate } from './migrate'
import { checkBackup, restoreDatabase } from './restore-database'
import { createEmptyTestDatabase, type TestDatabase } from './test-database'

/** What a schema can have that a copy of rows could spoil. */
const FIRST = `
CREATE TABLE dataset (name text PRIMARY KEY);
INSERT INTO dataset VALUES ('');
CREATE TABLE "b parent" (id int PRIMARY KEY);
CREATE TABLE a_child (id int GENERATED ALWAYS AS IDENTITY, parent int REFERENCES "b parent"(id), twice int GENERATED ALWAYS AS (parent * 2) STORED);
CREATE TABLE "Odd ""name""" (t text, b bytea, f float8, n numeric, at timestamptz, j jsonb, l text[], u uuid, o bool, gone int);
ALTER TABLE "Odd ""name""" DROP COLUMN gone;
CREATE TABLE log (id bigserial, parent int);
CREATE FUNCTION log_parent() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (parent) VALUES (NEW.id); RETURN NULL; END $$;
CREATE TRIGGER parent_new AFTER INSERT ON "b parent" FOR EACH ROW EXECUTE FUNCTION log_parent();
CREATE SEQUENCE untouched; CREATE SEQUENCE used; SELECT nextval('used'), nextval('used');
CREATE TABLE fact (dataset text COLLATE "C", at timestamptz, v int, PRIMARY KEY (dataset, at)) PARTITION BY RANGE (dataset, at);
CREATE TABLE fact_pinned PARTITION OF fact FOR VALUES FROM (E'\\x01', MINVALUE) TO (MAXVALUE, MAXVALUE);`

const ROWS = `
SET timezone = 'Asia/Kolkata'; SET datestyle = 'SQL, DMY';
INSERT INTO dataset VALUES ('outage');
INSERT INTO "b parent" SELECT generate_series(1, 3);
INSERT INTO a_child (parent) SELECT generate_series(1, 3);
INSERT INTO "Odd ""name""" VALUES
  (E'tab\\t line\\n return\\r back\\\\ \\\\N \\\\.', '\\x00ff0a5c', 'NaN', 1e-30, 'infinity', '{"__proto__": "\\n\\u0001"}', '{"a,b",NULL,""}', gen_random_uuid(), true),
  ('', '', 0.1::float8 + 0.2, 12345678901234567890.1, '2026-11-24 12:00:00.123456+00', 'null', '{}', NULL, NULL),
  (NULL, NULL, '-Infinity', NULL, '0044-03-15 BC', NULL, NULL, NULL, false);
INSERT INTO "Odd ""name""" (t) SELECT repeat(md5(g::text), 70000) FROM generate_series(1, 3) g;
CREATE TABLE fact_1 PARTITION OF fact FOR VALUES FROM ('', '2026-11-24') TO ('', '2026-11-26');
INSERT INTO fact SELECT '', '2026-11-24 12:00:00.0005+00'::timestamptz + g * interval '1 h', g FROM generate_series(0, 20) g;
INSERT INTO fact VALUES ('outage', '1999-01-01', 7);`

let source: TestDatabase
let target: TestDatabase
let folder: string

beforeEach(async () => {
  ;[source, target] = await Promise.all([createEmptyTestDatabase(), createEmptyTestDatabase()])
  folder = mkdtempSync(path.join(os.tmpdir(), 'postern-backup-'))
  put('001_first', FIRST)
  await migrate(source.url, folder)
  await run(source, ROWS)
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await Promise.all([source.drop(), target.drop()])
})

describe('a backup', () => {
  it('gives every table back as it was: odd values, triggers not fired, foreign keys, identities, generated columns, sequences', async () => {
    await restore(await dump())
    expect(await contents(target)).toEqual(await contents(source))
    await run(target, `INSERT INTO "b parent" VALUES (4); INSERT INTO a_child (parent) VALUES (4)`)
    expect(await rows(target, `SELECT id, twice FROM a_child ORDER BY id DESC LIMIT 1`)).toEqual([{ id: 4, twice: 8 }])
    expect(await rows(target, `SELECT id, parent FROM log ORDER BY id DESC LIMIT 1`)).toEqual([{ id: '4', parent: 4 }])
    expect(await rows(target, `SELECT nextval('untouched') AS next`)).toEqual([{ next: '1' }])
  })

  it('keeps where sequences stand, also when it is restored and made again', async () => {
    const standing = () => rows(target, 'SELECT last_value, is_called FROM used')
    await restore(await dump())
    expect(await standing()).toEqual([{ last_value: '2', is_called: true }])
    await run(target, 'ALTER SEQUENCE used RESTART WITH 7')
    const again = await dump(target)
    await target.drop()
    target = await createEmptyTestDatabase()
    await restore(again)
    expect(await standing()).toEqual([{ last_value: '7', is_called: false }])
  })

  it('is cut into pieces of bounded size, whatever the size of a row', async () => {
    await run(source, `INSERT INTO "Odd ""name""" (t) VALUES (repeat('x', 9000000))`)
    const entries = await dump()
    expect(Math.max(...entries.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(2 * 1024 * 1024)
    await restore(entries)
    expect(await contents(target)).toEqual(await contents(source))
  })

  it('brings back the partitions of live rows, with their bounds and storage', async () => {
    await run(source, 'ALTER TABLE fact_1 SET (fillfactor = 80)')
    await restore(await dump())
    const partitions = `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds, c.reloptions AS storage
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'fact'::regclass ORDER BY 1`
    expect(await rows(target, partitions)).toEqual(await rows(source, partitions))
    expect(await rows(target, partitions)).toHaveLength(2)
  })

  it('takes no bounds that are anything but bounds, since they become SQL', async () => {
    const entries = await dump()
    const forged = edit(entries, MANIFEST_ENTRY, (text) =>
      text.replace(/TO \('', [^)]*\)/, "TO ('', 1); DROP TABLE log; --)"),
    )
    await expect(restore(forged)).rejects.toThrow(/damaged/)
    expect(await rows(target, `SELECT to_regclass('log') AS log`)).toEqual([{ log: null }])
  })

  it('is of one moment: what is written while it is made is not in it', async () => {
    const before = await contents(source)
    const entries: BackupEntry[] = []
    for await (const entry of dumpDatabase(source.url, '1.0.0')) {
      entries.push(entry)
      await run(source, `INSERT INTO log (parent) VALUES (99); DELETE FROM fact WHERE v = ${entries.length}`)
      // Partitions for the time to come can be made meanwhile.
      await run(source, nextPartition(entries.length))
    }
    expect(entries.length).toBeGreaterThan(5)
    await restore(entries)
    expect(await contents(target)).toEqual(before)
    // Numbers that were given out meanwhile are not given out again.
    const [{ max } = {}] = await rows(source, 'SELECT max(id) FROM log')
    const [{ next } = {}] = await rows(target, `SELECT nextval('log_id_seq') AS next`)
    expect(Number(next)).toBeGreaterThanOrEqual(Number(max) - 1)
  })

  it('of an older version is migrated forward, rows and all', async () => {
    const entries = await dump()
    put(
      '002_second',
      `ALTER TABLE log ADD COLUMN note text NOT NULL DEFAULT 'old'; UPDATE log SET note = 'of ' || parent`,
    )
    put(
      '003_third',
      '-- postern: statements outside a transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS log_note ON log (note)',
    )
    expect((await restore(entries)).migrated).toEqual(['002_second', '003_third'])
    expect(await rows(target, 'SELECT note FROM log ORDER BY id')).toEqual([
      { note: 'of 1' },
      { note: 'of 2' },
      { note: 'of 3' },
    ])
  })

  it('goes into a database that was migrated and never used', async () => {
    await migrate(target.url, folder)
    await restore(await dump())
    expect(await contents(target)).toEqual(await contents(source))
  })

  it('is refused while a migration is half done', async () => {
    await run(source, 'UPDATE "_prisma_migrations" SET finished_at = NULL')
    await expect(dump()).rejects.toThrow(/001_first was begun and is not done/)
  })

  it("is refused of a database that is not Postern's", async () => {
    await expect(dump(target)).rejects.toThrow(/never migrated/)
  })
})

describe('restore leaves the database as it was', () => {
  const refuses = async (entries: readonly BackupEntry[], message: RegExp) => {
    const before = await contents(target)
    await expect(restore(entries)).rejects.toThrow(message)
    expect(await contents(target)).toEqual(before)
  }

  it('where it holds rows', async () => {
    await migrate(target.url, folder)
    await run(target, `INSERT INTO dataset VALUES ('mine'); INSERT INTO log (parent) VALUES (5)`)
    await refuses(await dump(), /not empty: there are rows in dataset, log/)
  })

  it("where its tables are somebody else's", async () => {
    await run(target, 'CREATE TABLE wine (id int)')
    await refuses(await dump(), /has wine, not made by Postern/)
  })

  it('where a Postern runs on it', async () => {
    const running = await connect(target, 'postern-duty')
    await refuses(await dump(), /Postern is running on this database \(1 connections\)/)
    await running.end()
  })

  it('where it has migrations that the backup lacks', async () => {
    const entries = await dump()
    put('002_second', 'ALTER TABLE log ADD COLUMN note text')
    await migrate(target.url, folder)
    await refuses(entries, /before 002_second.*without any table/)
  })

  it('where the backup is of a newer version: by its migrations, by an edited one, by its format', async () => {
    put('009_future', 'CREATE TABLE future (id int)')
    await migrate(source.url, folder)
    const entries = await dump()
    rmSync(path.join(folder, '009_future'), { recursive: true })
    await refuses(entries, /made by Postern 1\.0\.0 and has migration 009_future.*newer/)
    put('009_future', 'CREATE TABLE other (id int)')
    await refuses(entries, /009_future of the backup \(Postern 1\.0\.0\) is not the one/)
    await refuses(
      edit(entries, MANIFEST_ENTRY, (text) => text.replace('"format": 1', '"format": 2')),
      /newer version of Postern, 1\.0\.0 \(format 2\)/,
    )
  })

  it.each([
    ['its end is missing', (all: BackupEntry[]) => all.slice(0, -1)],
    ['a piece is missing', (all: BackupEntry[]) => all.filter(({ name }) => name !== 'data/log/000000000')],
    ['a piece of many is missing', (all: BackupEntry[]) => all.filter(({ name }) => !/Odd.*000000001$/.test(name))],
    [
      'pieces are exchanged',
      (all: BackupEntry[]) => [...all.slice(0, 2), ...all.slice(2, 4).reverse(), ...all.slice(4)],
    ],
    [
      'a value was changed',
      (all: BackupEntry[]) => edit(all, 'data/log/000000000', (text) => text.replace('\t3\n', '\t4\n')),
    ],
    ['a row was added', (all: BackupEntry[]) => edit(all, 'data/log/000000000', (text) => `${text}9\t9\n`)],
    ['it has no beginning', (all: BackupEntry[]) => all.slice(1)],
    ['something follows', (all: BackupEntry[]) => [...all, ...all.slice(-1)]],
    ['its totals are not JSON', (all: BackupEntry[]) => edit(all, TOTALS_ENTRY, (text) => text.slice(0, -9))],
    [
      'it names a table twice',
      (all: BackupEntry[]) => edit(all, MANIFEST_ENTRY, (text) => text.replace('"b parent"', '"log"')),
    ],
    ['it is empty', () => []],
  ])('where the file is damaged: %s', async (_, damage) => {
    await refuses(damage(await dump()), /The backup is damaged/)
  })

  it('where rows and totals were both forged so that the rows do not fit', async () => {
    const entries = await dump()
    const forged = await forge(entries, 'a_child', (text) => text.replace('\t3\n', '\t333\n'))
    await expect(restore(forged)).rejects.toThrow(/rows of a_child were refused, nothing was restored:.*foreign key/)
    expect(
      await rows(
        target,
        'SELECT (SELECT count(*) FROM "b parent")::int AS parents, (SELECT count(*) FROM dataset)::int AS seeds',
      ),
    ).toEqual([{ parents: 0, seeds: 1 }])
    expect(await rows(target, `SELECT tgenabled FROM pg_trigger WHERE tgname = 'parent_new'`)).toEqual([
      { tgenabled: 'O' },
    ])
    // As empty as before, it takes the true one.
    await restore(entries)
    expect(await contents(target)).toEqual(await contents(source))
  })

  it('where the file is another one than when it was checked', async () => {
    const entries = await dump()
    const other = edit(entries, MANIFEST_ENTRY, (text) => text.replace('1.0.0', '1.0.1'))
    await expect(restoreDatabase(target.url, await check(entries, other))).rejects.toThrow(/changed while it was read/)
    await expect(restoreDatabase(target.url, await check(entries, entries.slice(0, -1)))).rejects.toThrow(
      /end is missing/,
    )
    await restore(entries)
    expect(await contents(target)).toEqual(await contents(source))
  })

  it('where the backup names what the migrations do not make: names never become SQL', async () => {
    const entries = (await dump()).map((entry) => ({
      ...entry,
      name: entry.name.replace('data/log/', 'data/pg_class/'),
    }))
    const named = (name: string) => edit(entries, name, (text) => text.replace('"name": "log"', '"name": "pg_class"'))
    const forged = entries.map((entry) => named(entry.name).find(({ name }) => name === entry.name) ?? entry)
    await expect(restore(forged)).rejects.toThrow(/not those that its migrations make: pg_class, log/)
  })
})

const nextPartition = (month: number): string =>
  `SET lock_timeout = '10s'; CREATE TABLE fact_next_${month} (LIKE fact INCLUDING ALL);
   ALTER TABLE fact ATTACH PARTITION fact_next_${month} FOR VALUES FROM ('', '${2026 + month}-12-01') TO ('', '${2027 + month}-12-01');
   INSERT INTO fact VALUES ('', '${2027 + month}-01-01', 0)`

async function dump(of: TestDatabase = source): Promise<BackupEntry[]> {
  const entries: BackupEntry[] = []
  for await (const entry of dumpDatabase(of.url, '1.0.0')) entries.push(entry)
  return entries
}

const check = (...readings: readonly (readonly BackupEntry[])[]) => {
  let reading = 0
  return checkBackup({
    migrations: folder,
    open: async function* () {
      reading += 1
      yield* readings[Math.min(reading, readings.length) - 1] ?? []
    },
  })
}

const restore = async (entries: readonly BackupEntry[]) => restoreDatabase(target.url, await check(entries))

const edit = (entries: readonly BackupEntry[], name: string, change: (text: string) => string): BackupEntry[] =>
  entries.map((entry) =>
    entry.name === name ? { name, bytes: Buffer.from(change(Buffer.from(entry.bytes).toString())) } : entry,
  )

/** Changes a table and makes the totals fit. */
async function forge(
  entries: readonly BackupEntry[],
  table: string,
  change: (text: string) => string,
): Promise<BackupEntry[]> {
  const { Tally } = await import('./read-backup')
  const changed = edit(entries, `data/${table}/000000000`, change)
  const tally = new Tally()
  for (const entry of changed) if (entry.name.startsWith(`data/${table}/`)) tally.add(entry.bytes)
  return edit(changed, TOTALS_ENTRY, (text) => {
    const totals = JSON.parse(text) as { tables: { name: string }[] }
    const tables = totals.tables.map((each) => (each.name === table ? { ...each, ...tally.result() } : each))
    return JSON.stringify({ ...totals, tables })
  })
}

function put(name: string, sql: string): void {
  mkdirSync(path.join(folder, name), { recursive: true })
  writeFileSync(path.join(folder, name, 'migration.sql'), sql)
}

/** Every table that holds rows itself or by its partitions, as sorted text. */
async function contents(database: TestDatabase): Promise<Record<string, unknown>> {
  const tables = await rows(
    database,
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND NOT relispartition AND relname <> '_prisma_migrations' ORDER BY 1`,
  )
  const found: [string, unknown][] = []
  for (const { name } of tables)
    found.push([String(name), await rows(database, `SELECT md5(t::text) AS row FROM ${String(name)} t ORDER BY 1`)])
  return Object.fromEntries(found)
}

async function connect(database: TestDatabase, name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url, application_name: name })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

const run = (database: TestDatabase, sql: string): Promise<unknown> => rows(database, sql)

async function rows(database: TestDatabase, sql: string): Promise<Record<string, unknown>[]> {
  const client = await connect(database, 'test')
  try {
    return (await client.query(sql)).rows ?? []
  } finally {
    await client.end()
  }
}
