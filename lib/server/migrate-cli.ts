import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { lintMigrations } from '@/lib/store/lint-migrations'
import { readMigrations } from '@/lib/store/migration-files'
import { startEmbeddedPostgres } from './embedded-postgres'
import { diffMigrations } from './prisma-migrate'

const root = path.resolve(import.meta.dirname, '../..')
const [action, name] = process.argv.slice(2)

/**
 * `npm run migrate:diff` says how the migrations differ from `prisma/schema.prisma` and exits 1 where they do;
 * `npm run migrate:new -- NAME` writes the difference into a new migration. Both use a PostgreSQL that lives that long.
 */
async function main(): Promise<void> {
  if (action !== 'diff' && !(action === 'new' && /^[a-z0-9_]+$/.test(name ?? '')))
    throw new Error('Use: npm run migrate:diff, or npm run migrate:new -- name_in_small_letters')
  const work = mkdtempSync(path.join(os.tmpdir(), 'postern-migrate-'))
  const server = await startEmbeddedPostgres({ dataDir: path.join(work, 'database'), isDisposable: true })
  try {
    const sql = await diffMigrations(root, server.url)
    if (sql === undefined) console.log('The migrations make exactly what prisma/schema.prisma says.')
    else if (action === 'diff') report(sql)
    else await write(sql)
  } finally {
    await server.stop()
    rmSync(work, { recursive: true, force: true })
  }
}

function report(sql: string): void {
  console.log(`The migrations lack:\n\n${sql}\nMake a new one: npm run migrate:new -- name_in_small_letters`)
  process.exitCode = 1
}

async function write(sql: string): Promise<void> {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const migrations = path.join(root, 'prisma/migrations')
  const folder = path.join(migrations, `${stamp}_${name}`)
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'migration.sql'), sql)
  console.log(
    `Wrote ${path.relative(process.cwd(), folder)}/migration.sql. Read it, and add what Prisma cannot express.`,
  )
  const findings = lintMigrations(await readMigrations(migrations))
  for (const { migration, line, table, problem } of findings)
    if (migration === path.basename(folder)) console.log(`  line ${line}: ${table}: ${problem}`)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
