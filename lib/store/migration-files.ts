import 'server-only'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { type SqlStatement, splitSql } from './split-sql'

export interface Migration {
  readonly name: string
  readonly sql: string
  /** sha256 of the file, hexadecimal: Prisma's. */
  readonly checksum: string
  /** Given where the file's first line asks that its statements run one by one, outside a transaction. */
  readonly statements?: readonly SqlStatement[]
}

const OUTSIDE = '-- postern: statements outside a transaction'

/** Every migration of a folder, in name order. Throws, naming the migration, where one cannot be split. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names
      .sort()
      .map(async (name) => parseMigration(name, await readFile(path.join(folder, name, 'migration.sql'), 'utf8'))),
  )
}

/** One migration of the text of its file. */
export function parseMigration(name: string, sql: string): Migration {
  const checksum = createHash('sha256').update(sql).digest('hex')
  if (sql.split('\n', 1)[0]?.trim() !== OUTSIDE) return { name, sql, checksum }
  try {
    const statements = splitSql(sql)
    for (const { words, line } of statements) demandRepeatable(words, line)
    return { name, sql, checksum, statements }
  } catch (cause) {
    throw new Error(`Migration ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

const NAME = '(?:"[^"]+"|[a-z_][a-z0-9_]*)'
/** Statements that, run again after a kill at any moment, end where running them once ends. */
const REPEATABLE = [
  `CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS ${NAME} ON ${NAME}`,
  'DROP INDEX CONCURRENTLY IF EXISTS',
  `ALTER TABLE ${NAME} VALIDATE CONSTRAINT ${NAME}$`,
  `ALTER TABLE ${NAME} DETACH PARTITION ${NAME} CONCURRENTLY$`,
].map((form) => new RegExp(`^${form}`, 'i'))

function demandRepeatable(words: string, line: number): void {
  if (!REPEATABLE.some((form) => form.test(words)))
    throw new Error(
      `line ${line}: outside a transaction only CREATE INDEX CONCURRENTLY IF NOT EXISTS, DROP INDEX CONCURRENTLY IF EXISTS, ` +
        `VALIDATE CONSTRAINT and DETACH PARTITION … CONCURRENTLY may stand, one action each. Put the rest into another migration.`,
    )
}
