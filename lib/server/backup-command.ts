import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { appVersion, type Env, env } from '@/lib/env'
import { dumpDatabase } from '@/lib/store/dump-database'
import { type CheckedBackup, checkBackup, restoreDatabase } from '@/lib/store/restore-database'
import { hashFile, partialOf, readBackupFile, type WrittenBackup, writeBackupFile } from './backup-file'
import { loadEnvFiles } from './load-env-files'
import { type OpenDatabase, openEmbedded, openGiven } from './open-database'
import { socketUrl } from './postgres-process'
import { isPostmasterOf, readPostmaster } from './postmaster-file'
import { ShutDown } from './shut-down'

const root = path.resolve(import.meta.dirname, '../..')
const MIB = 1024 * 1024

export const BACKUP_USAGE = `Use: npm run postern -- backup FILE
     npm run postern -- restore FILE [--sha256 HEX]

The database is the one that npm start would use: that of DATABASE_URL, else the embedded one.
backup may run while Postern does. restore needs an empty database, and Postern stopped.
  --sha256 HEX       restore only if the file is the one of this hash, as backup printed it`

/** Which database, as the launcher tells it. */
type Settings = Pick<Env, 'DATABASE_URL' | 'POSTERN_DATA_DIR'>

/** `postern backup FILE` and `postern restore FILE`. Answers the exit code: 1 where it failed, 2 where the command is wrong. */
export async function runBackupCommand(command: 'backup' | 'restore', args: readonly string[]): Promise<number> {
  const options = readOptions(command, args)
  if (!options) {
    console.error(BACKUP_USAGE)
    return 2
  }
  loadEnvFiles(root)
  const settings = env()
  const shutDown = new ShutDown()
  shutDown.onSignals(1)
  const file = path.resolve(options.file)
  try {
    const work =
      command === 'backup' ? await prepareBackup(settings, file) : await prepareRestore(settings, file, options.sha256)
    shutDown.add(work.database.stop)
    if (command === 'backup') shutDown.add(async () => rmSync(partialOf(file), { force: true }))
    console.log(`${work.title} ${work.database.description} …`)
    for (const line of await work.run()) console.log(line)
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  } finally {
    await shutDown.runSteps()
  }
}

interface Work {
  readonly title: string
  readonly database: OpenDatabase
  /** Answers lines for people. */
  run(): Promise<string[]>
}

async function prepareBackup(settings: Settings, file: string): Promise<Work> {
  const database = await openForBackup(settings, root)
  return { title: 'Backing up', database, run: async () => backupLines(file, await backup(database.url, file)) }
}

/** The file is read before a database is made for it. */
async function prepareRestore(settings: Settings, file: string, sha256: string | undefined): Promise<Work> {
  const checked = await checkFile(file, sha256)
  const database = await openForRestore(settings, root)
  return { title: 'Restoring into', database, run: () => restore(database.url, checked) }
}

function readOptions(command: string, args: readonly string[]): { file: string; sha256?: string } | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: command === 'restore' ? { sha256: { type: 'string' } } : {},
    })
    const [file, ...more] = positionals
    const sha256 = 'sha256' in values && typeof values.sha256 === 'string' ? values.sha256.toLowerCase() : undefined
    if (file === undefined || more.length > 0) return undefined
    return { file, ...(sha256 !== undefined && { sha256 }) }
  } catch {
    return undefined
  }
}

/** The embedded server is used where it runs, whoever runs it; where it does not, it is started for as long as this takes. */
export async function openForBackup(settings: Settings, folder: string): Promise<OpenDatabase> {
  if (settings.DATABASE_URL) return openGiven(settings.DATABASE_URL)
  const home = homeOf(settings, folder)
  const cluster = path.join(home, 'pg')
  if (!existsSync(cluster)) throw new Error(`There is no embedded database in ${home}, and DATABASE_URL is not set.`)
  const running = readPostmaster(cluster)
  if (running && isPostmasterOf(cluster, running.pid))
    return {
      url: socketUrl(running.socketDir, 'postern'),
      description: `embedded PostgreSQL, which is running, data in ${home}`,
      stop: async () => undefined,
    }
  return openForRestore(settings, folder)
}

/** The embedded server is made where there is none. Throws where a Postern runs on it. */
export async function openForRestore(settings: Settings, folder: string): Promise<OpenDatabase> {
  if (settings.DATABASE_URL) return openGiven(settings.DATABASE_URL)
  return openEmbedded(homeOf(settings, folder), false, (reason) => console.error(reason.message))
}

/** As in the launcher (main.ts). */
const homeOf = (settings: Settings, folder: string): string => path.resolve(folder, settings.POSTERN_DATA_DIR, 'data')

/** Writes all that the database holds into a file that does not exist yet. */
export const backup = (databaseUrl: string, file: string): Promise<WrittenBackup> =>
  writeBackupFile(file, dumpDatabase(databaseUrl, appVersion()))

function backupLines(file: string, { bytes, sha256 }: WrittenBackup): string[] {
  return [
    `Wrote ${file}, ${(bytes / MIB).toFixed(1)} MiB.`,
    `sha256 ${sha256}`,
    'It holds evidence and the hashes of tokens: keep it as safe as the database.',
  ]
}

/** Reads a backup's file to its end. Throws where it is not whole, not of this version or an older one, or not of that sha256. */
export async function checkFile(file: string, sha256?: string): Promise<CheckedBackup> {
  if (!existsSync(file)) throw new Error(`${file}: there is no such file`)
  if (sha256 !== undefined && sha256 !== (await hashFile(file)))
    throw new Error(`${file} is not the file of that sha256. Nothing was restored.`)
  return checkBackup({ migrations: path.join(root, 'prisma/migrations'), open: () => readBackupFile(file) })
}

/** Puts a backup's rows into an empty database, and says in lines for people what came of it. */
export async function restore(databaseUrl: string, checked: CheckedBackup): Promise<string[]> {
  const { manifest, totals, migrated } = await restoreDatabase(databaseUrl, checked)
  const rows = totals.tables.reduce((sum, table) => sum + table.rows, 0)
  return [
    `Restored ${rows} rows of ${totals.tables.length} tables, as of ${manifest.createdAt}, from Postern ${manifest.version}.`,
    ...(migrated.length > 0 ? [`Migrated forward: ${migrated.join(', ')}`] : []),
  ]
}
