import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { probeServer } from '@/lib/store/server-admin'
import { accountFor, PLAIN_ENVIRONMENT, type PostgresAccount } from './postgres-account'
import { findPostgresBinaries } from './postgres-binaries'
import { demandSameMajor } from './postgres-cluster'
import { forgetPid, isAlive, isPostmasterOf, readPostmaster, sendSignal } from './postmaster-file'

export interface RunningPostgres {
  readonly pid: number
  readonly socketDir: string
  readonly wasAdopted: boolean
  stop(): Promise<void>
}

export interface RunOptions {
  readonly dataDir: string
  readonly cluster: string
  readonly isDisposable: boolean
  /** Where to listen, so that a restarted server is found again; a new private folder by default. */
  readonly socketDir?: string
}

/** Enough for this product's load on a small machine; what matters for safety stays at PostgreSQL's defaults. */
const SETTINGS = {
  port: '5432',
  listen_addresses: '',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  max_connections: '60',
  // Months of partitions, each with its indexes, within one backup or one query.
  max_locks_per_transaction: '256',
  jit: 'off',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
}
const DISPOSABLE_SETTINGS = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '200' }

const READY_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 30_000
const MAX_LOG_BYTES = 10 * 1024 * 1024
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A connection URL by the socket in `socketDir`. */
export function socketUrl(socketDir: string, database: string): string {
  return `postgresql://postgres@localhost:${SETTINGS.port}/${database}?host=${encodeURIComponent(socketDir)}`
}

/** Takes over the server that already runs on the cluster, else starts one; resolves when it answers queries. */
export async function runPostgres(options: RunOptions): Promise<RunningPostgres> {
  const adopted = await adopt(options.cluster)
  return adopted ?? launch(options)
}

/**
 * PostgreSQL outlives a launcher that was killed. A second server on the same data is impossible, so the first is found by
 * its lock file. One that is alive but cannot be reached (its socket was deleted) is stopped.
 */
async function adopt(cluster: string): Promise<RunningPostgres | undefined> {
  const found = readPostmaster(cluster)
  if (!found || !isAlive(found.pid)) return undefined
  if (!isPostmasterOf(cluster, found.pid)) {
    forgetPid(cluster)
    return undefined
  }
  const hasSocket = existsSync(path.join(found.socketDir, `.s.PGSQL.${SETTINGS.port}`))
  if (hasSocket && (await untilReady(found.socketDir, () => isAlive(found.pid))))
    return { ...found, wasAdopted: true, stop: () => stopServer(cluster, found.pid, found.socketDir) }
  await stopServer(cluster, found.pid, found.socketDir)
  return undefined
}

async function launch(options: RunOptions): Promise<RunningPostgres> {
  const { bin, major } = findPostgresBinaries()
  demandSameMajor(options.cluster, major)
  const account = accountFor(bin, options.dataDir, options.cluster)
  const socketDir = makeSocketDir(account, options.socketDir)
  const logFile = path.join(options.dataDir, 'postgres.log')
  for (let attempt = 1; ; attempt += 1) {
    const logStart = startLog(logFile)
    const child = spawnServer(account, bin, options, socketDir, logFile)
    if (await untilReady(socketDir, () => child.exitCode === null && child.signalCode === null)) {
      const pid = child.pid ?? 0
      return { pid, socketDir, wasAdopted: false, stop: () => stopServer(options.cluster, pid, socketDir) }
    }
    const log = readFileSync(logFile, 'utf8').slice(logStart).trim().slice(-3000)
    // The workers of a server that was killed need a moment to notice it and let go of its memory.
    if (attempt < 20 && log.includes('shared memory block')) await sleep(250)
    else {
      if (child.exitCode === null) child.kill('SIGQUIT')
      throw new Error(`PostgreSQL did not start (${logFile}):\n${log}`)
    }
  }
}

function spawnServer(
  account: PostgresAccount,
  bin: string,
  options: RunOptions,
  socketDir: string,
  logFile: string,
): ChildProcess {
  const settings = {
    ...SETTINGS,
    ...(options.isDisposable && DISPOSABLE_SETTINGS),
    unix_socket_directories: socketDir,
  }
  const words = [
    ...account.prefix,
    ...[path.join(bin, 'postgres'), '-D', options.cluster],
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const [program = '', ...args] = words
  const log = openSync(logFile, 'a', 0o600)
  // A session of its own: the terminal's Ctrl-C must reach the launcher alone, which stops the server last.
  const child = spawn(program, args, {
    ...account.identity,
    env: PLAIN_ENVIRONMENT,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  })
  child.once('error', () => undefined)
  child.unref()
  closeSync(log)
  return child
}

/** Answers how long the log is before this start. */
function startLog(logFile: string): number {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (size <= MAX_LOG_BYTES) return size
  rmSync(logFile)
  return 0
}

/** Socket paths are limited to about 100 bytes, so the folder lies under the system's temporary one, private to us. */
function makeSocketDir(account: PostgresAccount, wanted: string | undefined): string {
  const parent = os.tmpdir().length <= 60 ? os.tmpdir() : '/tmp'
  const folder = wanted ?? mkdtempSync(path.join(parent, 'postern-'))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  if (account.identity.uid !== undefined) chownSync(folder, account.identity.uid, account.identity.gid ?? -1)
  return folder
}

async function untilReady(socketDir: string, isRunning: () => boolean): Promise<boolean> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS
  while (isRunning() && Date.now() < deadlineMs) {
    if ('versionNumber' in (await probeServer(socketUrl(socketDir, 'postgres')))) return true
    await sleep(30)
  }
  return false
}

async function stopServer(cluster: string, pid: number, socketDir: string): Promise<void> {
  // SIGINT ends sessions and writes a checkpoint; SIGQUIT leaves the rest to recovery at the next start.
  for (const [signal, timeoutMs] of [
    ['SIGINT', STOP_TIMEOUT_MS],
    ['SIGQUIT', 5000],
  ] as const) {
    // A dead child that nobody reaps still has its number, but no command line.
    if (!isPostmasterOf(cluster, pid)) break
    sendSignal(pid, signal)
    const deadlineMs = Date.now() + timeoutMs
    while (isPostmasterOf(cluster, pid) && Date.now() < deadlineMs) await sleep(30)
  }
  if (path.basename(socketDir).startsWith('postern-')) rmSync(socketDir, { recursive: true, force: true })
}
