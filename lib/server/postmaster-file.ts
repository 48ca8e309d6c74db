import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** What PostgreSQL writes into its lock file: who runs the cluster, and where it listens. */
export interface Postmaster {
  readonly pid: number
  readonly socketDir: string
}

const lockFile = (cluster: string): string => path.join(cluster, 'postmaster.pid')

/** The server that holds `cluster`, whether it is still alive or not; undefined after an orderly stop. */
export function readPostmaster(cluster: string): Postmaster | undefined {
  if (!existsSync(lockFile(cluster))) return undefined
  const lines = readFileSync(lockFile(cluster), 'utf8').split('\n')
  const pid = Number(lines[0])
  return Number.isInteger(pid) && pid > 0 ? { pid, socketDir: lines[4] ?? '' } : undefined
}

/** True where `pid` is alive and is a PostgreSQL on `cluster`, not a stranger with a number that was used again. */
export function isPostmasterOf(cluster: string, pid: number): boolean {
  return isAlive(pid) && commandLine(pid).includes(cluster)
}

export function isAlive(pid: number): boolean {
  return sendSignal(pid, 0)
}

/** False where there is no such process. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}

/** Above every process number that Linux or macOS gives out. */
const NO_PROCESS = 99_999_999

/**
 * Lets PostgreSQL start although its lock file names a stranger's process, as happens in containers, where numbers repeat.
 * The rest of the file stays, because PostgreSQL checks by it that no old worker still has the shared memory.
 */
export function forgetPid(cluster: string): void {
  const [, ...rest] = readFileSync(lockFile(cluster), 'utf8').split('\n')
  writeFileSync(lockFile(cluster), [NO_PROCESS, ...rest].join('\n'))
}

function commandLine(pid: number): string {
  const proc = `/proc/${pid}/cmdline`
  if (existsSync(proc)) return readFileSync(proc, 'utf8').replaceAll('\0', ' ')
  return spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout ?? ''
}
