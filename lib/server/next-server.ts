import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { childEnv } from '@/lib/env'

export interface NextServer {
  /** Where this machine reaches it, without a slash at the end. */
  readonly baseUrl: string
  /** Resolves when the process has ended, with its exit code; a signal counts as 1. */
  readonly ended: Promise<number>
  /** Resolves when it answers, rejects where it ends before or takes longer than two minutes. */
  untilReady(): Promise<void>
  /** Lets it finish what it is doing for at most ten seconds. */
  stop(): Promise<void>
  /** The process, with a channel to it. */
  readonly child: ChildProcess
}

export interface NextServerOptions {
  readonly root: string
  readonly host: string
  readonly port: number
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Files of modules that run in the process before the server does. */
  readonly preloads?: readonly string[]
}

const READY_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 10_000

/** Starts the built application as a child of this process; it ends when this process ends, however that happens. */
export function startNextServer(options: NextServerOptions): NextServer {
  const { root, host, port, environment, preloads = [] } = options
  const modules = [path.join(root, 'lib/server/die-with-parent.mjs'), ...preloads]
  const imports = modules.flatMap((file) => ['--import', pathToFileURL(file).href])
  const next = path.join(root, 'node_modules/next/dist/bin/next')
  // Records live until they are committed: with room for them among the young, a tenth less CPU goes into collecting (docs/benchmark.md).
  const node = ['--max-semi-space-size=64', ...imports]
  const child = spawn(process.execPath, [...node, next, 'start', '-H', host, '-p', String(port)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    // A group of its own: Ctrl-C must reach the launcher alone, which stops the server before the database.
    detached: true,
    env: childEnv({
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      // We end requests, streams and pools ourselves on SIGTERM; Next would exit before that is done.
      NEXT_MANUAL_SIG_HANDLE: 'true',
      PORT: String(port),
      POSTERN_HOST: host,
      ...environment,
    }),
  })
  if (child.stdout) printWithoutBanner(child.stdout)
  let hasEnded = false
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', (code) => resolve(code ?? 1))
  }).finally(() => {
    hasEnded = true
  })
  const baseUrl = baseUrlOf(host, port)
  return {
    child,
    baseUrl,
    ended,
    untilReady: () => untilReady(`${baseUrl}/api/health/ready`, () => hasEnded),
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

function baseUrlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '127.0.0.1') return `http://localhost:${port}`
  if (host === '::') return `http://[::1]:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Lines that Next prints at start and that our own announcement says better. */
const BANNER = /^\s*(▲ Next\.js|- (Local|Network|Environments|Experiments).*|✓ (Starting|Ready|Running next\.config).*)/

function printWithoutBanner(stdout: Readable): void {
  createInterface({ input: stdout }).on('line', (line) => {
    if (!BANNER.test(line)) process.stdout.write(`${line}\n`)
  })
}

async function untilReady(url: string, hasEnded: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS
  let last = 'no answer'
  while (Date.now() < deadlineMs) {
    if (hasEnded()) throw new Error('The server ended before it was ready; the lines above say why.')
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
      if (response.ok) return
      last = `${response.status} ${(await response.text()).slice(0, 300)}`
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`The server did not become ready in time: ${url} answered ${last}`)
}
