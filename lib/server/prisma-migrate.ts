import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { childEnv } from '@/lib/env'
import { type CommandResult, runNode } from './run-command'

const TIMEOUT_MS = 120_000
/** Prisma's answers of `migrate diff --exit-code --script`. */
const DIFFERS = 2
const NO_DIFFERENCE = '-- This is an empty migration.'

/**
 * SQL that would take a database from what the migrations make to what the schema file says; undefined where they agree.
 * Works in a scratch database that it makes and drops on the server at `databaseUrl`; downloads nothing.
 */
export async function diffMigrations(
  root: string,
  databaseUrl: string,
  schemaFile = 'prisma/schema.prisma',
): Promise<string | undefined> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'postern-migrations-'))
  try {
    await copyForPrisma(path.join(root, 'prisma/migrations'), folder)
    return await diff(root, databaseUrl, folder, schemaFile)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/**
 * Prisma runs what we run statement by statement as PostgreSQL takes it, and PostgreSQL takes no index of a partitioned table that is
 * built concurrently: our runner builds it partition by partition (lib/store/repeat-statement.ts). In a scratch database nobody waits.
 */
async function copyForPrisma(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true })
  for (const name of await readdir(to)) {
    const file = path.join(to, name, 'migration.sql')
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text?.includes(' CONCURRENTLY')) await writeFile(file, text.replaceAll(' CONCURRENTLY', ''))
  }
}

async function diff(
  root: string,
  databaseUrl: string,
  folder: string,
  schemaFile: string,
): Promise<string | undefined> {
  const { code, output, stdout } = await runPrisma(root, databaseUrl, [
    ...['migrate', 'diff', '--exit-code', '--script'],
    ...['--from-migrations', folder, '--to-schema', schemaFile],
  ])
  if (code === DIFFERS) return stdout
  // Prisma also exits with 0 where the engine broke and nothing was compared.
  if (code === 0 && stdout.includes(NO_DIFFERENCE)) return undefined
  throw new Error(`prisma migrate diff failed:\n${output}`)
}

function runPrisma(root: string, databaseUrl: string, args: readonly string[]): Promise<CommandResult> {
  return runNode([path.join(root, 'node_modules/prisma/build/index.js'), ...args], {
    cwd: root,
    timeoutMs: TIMEOUT_MS,
    env: childEnv({
      DATABASE_URL: databaseUrl,
      PRISMA_SCHEMA_ENGINE_BINARY: path.join(root, 'prisma/engine-shim.mjs'),
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
      NO_COLOR: '1',
    }),
  })
}
