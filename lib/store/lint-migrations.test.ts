import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { lintMigrations } from './lint-migrations'
import { parseMigration, readMigrations } from './migration-files'

/** Those of before the rule. The last of them made partitions of whole tables, before any version was released. */
const BEFORE_THE_RULE = '20261126169999'
const OUTSIDE = '-- postern: statements outside a transaction\n'

describe('migrations of this version', () => {
  it('stop ingest nowhere without a reason that is listed here', async () => {
    const all = await readMigrations(path.resolve(import.meta.dirname, '../../prisma/migrations'))
    const findings = lintMigrations(all).filter(({ migration }) => migration.slice(0, 14) > BEFORE_THE_RULE)
    expect(findings.filter(({ waiver }) => waiver === undefined)).toEqual([])
    const waived = findings.map(({ migration, table, waiver }) => `${migration}: ${table}: ${waiver}`)
    // A new waiver is entered here in the same change, so that whoever reads the change sees it.
    expect([...new Set(waived)]).toEqual([])
  })
})

describe('lintMigrations', () => {
  const lint = (...files: readonly string[]) =>
    lintMigrations(files.map((sql, at) => parseMigration(`m${at}`, sql))).map(
      ({ table, problem }) => `${table}: ${problem}`,
    )

  it.each([
    ['CREATE INDEX i ON span (edge_id)', /^span: stops writes.*CONCURRENTLY/],
    ['CREATE UNIQUE INDEX IF NOT EXISTS "i" ON "public"."span" ("edge_id")', /^span: stops writes/],
    ['CREATE INDEX ON span (edge_id)', /^span: stops writes/],
    ['ALTER TABLE span ALTER COLUMN cluster TYPE varchar(9)', /^span: rewrites/],
    ['ALTER TABLE "span" ADD COLUMN "a" int, ALTER COLUMN "b" SET DATA TYPE bigint', /^span: rewrites/],
    ['ALTER TABLE span ALTER cluster SET NOT NULL', /^span: reads the whole table.*CHECK/],
    ['ALTER TABLE span ADD COLUMN id uuid DEFAULT gen_random_uuid()', /^span: has a default that may differ/],
    ['ALTER TABLE span ADD COLUMN n bigserial', /^span: rewrites/],
    ['ALTER TABLE span ADD n int GENERATED ALWAYS AS (a * 2) STORED', /^span: rewrites/],
    ['ALTER TABLE span ADD COLUMN n int CHECK (n > 0)', /^span: adds a constraint with the column/],
    ['ALTER TABLE span ADD CONSTRAINT c CHECK (a IN (1, 2))', /^span: reads the whole table.*NOT VALID/],
    ['ALTER TABLE span ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES edge(id)', /^span: reads.*NOT VALID/],
    ['ALTER TABLE span ADD CHECK (a > 0)', /^span: reads.*NOT VALID/],
    ['ALTER TABLE span DROP CONSTRAINT k, ADD CONSTRAINT k PRIMARY KEY (a, b)', /^span: stops everything/],
    ['ALTER TABLE span ADD UNIQUE (a)', /^span: stops everything/],
    ['ALTER TABLE span VALIDATE CONSTRAINT c', /^span: reads.*outside a transaction/],
    ['ALTER TABLE span SET UNLOGGED', /^span: rewrites/],
    ['ALTER TABLE span ATTACH PARTITION old FOR VALUES FROM (1) TO (2)', /^span: reads the whole partition/],
    ['UPDATE "span" s SET a = 1', /^span: changes rows/],
    ['DELETE FROM span WHERE a = 1', /^span: changes rows/],
    ['CREATE TABLE n (a int); INSERT INTO n (a) SELECT a FROM span', /^span: reads a table that grows/],
    ['LOCK TABLE span IN EXCLUSIVE MODE', /^span: keeps a lock/],
    ['CREATE TRIGGER t AFTER INSERT ON span FOR EACH ROW EXECUTE FUNCTION f()', /^span: fires for every row/],
    ['REINDEX TABLE span', /^span: stops writes/],
    ['DO $$ BEGIN UPDATE span SET a = 1; END $$', /^\*: a DO block/],
    ['SELECT rebuild()', /^\*: a query/],
    ['SET lock_timeout = 0', /^\*: changes the limits/],
  ])('asks for a reason: %s', (sql, problem) => {
    expect(lint(sql)).toEqual([expect.stringMatching(problem)])
  })

  it.each([
    ['CREATE TABLE n (a int); CREATE INDEX i ON n (a); UPDATE n SET a = 1; ALTER TABLE n ALTER a SET NOT NULL'],
    ['CREATE INDEX i ON ONLY span (a)'],
    [
      "ALTER TABLE span ADD COLUMN a int, ADD COLUMN b text NOT NULL DEFAULT 'x(y)', ADD COLUMN c timestamptz DEFAULT now()",
    ],
    ['ALTER TABLE span ADD COLUMN n numeric(10, 2) DEFAULT 0'],
    ['ALTER TABLE span ADD CONSTRAINT c CHECK (a > 0) NOT VALID'],
    ['ALTER TABLE span ADD CONSTRAINT k PRIMARY KEY USING INDEX i'],
    ['ALTER TABLE span DROP COLUMN a; ALTER TABLE span ALTER b DROP NOT NULL; ALTER TABLE span SET (fillfactor = 80)'],
    ["UPDATE api_token SET name = 'UPDATE span' -- DELETE FROM span"],
    ['CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE span SET a = 1; END $$'],
    ['DROP INDEX i; DROP TABLE span; CREATE SEQUENCE s'],
    [`${OUTSIDE}CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON span (a); ALTER TABLE span VALIDATE CONSTRAINT c`],
  ])('asks nothing: %s', (sql) => {
    expect(lint(sql)).toEqual([])
  })

  it('lets a column become NOT NULL once a constraint that says so was validated, of that table and column', () => {
    const check = 'ALTER TABLE span ADD CONSTRAINT c CHECK ("a" IS NOT NULL) NOT VALID'
    const validate = `${OUTSIDE}ALTER TABLE span VALIDATE CONSTRAINT c`
    expect(lint(check, validate, 'ALTER TABLE span ALTER COLUMN a SET NOT NULL')).toEqual([])
    expect(lint(check, 'ALTER TABLE span ALTER COLUMN a SET NOT NULL')).toHaveLength(1)
    expect(lint(check, validate, 'ALTER TABLE span ALTER COLUMN b SET NOT NULL')).toHaveLength(1)
    expect(lint(check, validate, 'ALTER TABLE edge ALTER COLUMN a SET NOT NULL')).toHaveLength(1)
  })

  it('takes a reason for the table that it names, and none that nothing needs', () => {
    const sql =
      '-- postern: blocks span because it holds an hour at most\nUPDATE span SET a = 1;\nUPDATE edge SET a = 1'
    expect(lintMigrations([parseMigration('m', sql)])).toMatchObject([
      { table: 'span', line: 2, waiver: 'it holds an hour at most' },
      { table: 'edge', line: 3 },
    ])
    expect(lintMigrations([parseMigration('m', sql)])[1]).not.toHaveProperty('waiver')
    expect(lint('-- postern: blocks span because it was once so\nSELECT 1')).toEqual([
      expect.stringMatching(/^\*/),
      'span: is said to be blocked, and is not',
    ])
  })
})
