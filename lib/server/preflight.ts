import { readFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { z } from 'zod'

/** The oldest versions without a known hole in what we expose; see docs/decisions/0005-version-floors.md. */
const NEXT_FLOOR = [16, 4, 6] as const
const NODE_FLOOR = [20, 19, 0] as const

const manifestSchema = z.object({ version: z.string() })

/** Refuses to start below the floors of Node and Next.js, in words that say what to do. */
export function demandFloors(root: string): void {
  if (!isAtLeast(process.versions.node, NODE_FLOOR))
    throw new Error(`Node ${process.versions.node} is too old: Postern needs ${NODE_FLOOR.join('.')} or newer.`)
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'node_modules/next/package.json'), 'utf8'))
  const next = manifestSchema.parse(manifest).version
  if (!isAtLeast(next, NEXT_FLOOR))
    throw new Error(`Next.js ${next} is below the security floor ${NEXT_FLOOR.join('.')}: run npm ci.`)
}

/** True where `version` (x.y.z; a pre-release counts as its release) is `floor` or newer. */
export function isAtLeast(version: string, floor: readonly number[]): boolean {
  const parts = (version.split('-')[0] ?? '').split('.').map(Number)
  for (const [index, wanted] of floor.entries()) {
    const have = parts[index] ?? 0
    if (have !== wanted) return have > wanted
  }
  return true
}

/** Refuses an address that others can reach while there is no sign-in. */
export function demandSafeHost(host: string, adminToken: string | undefined): void {
  if (isLoopback(host) || adminToken) return
  throw new Error(
    `POSTERN_HOST=${host} lets others reach Postern, so it needs sign-in: set POSTERN_ADMIN_TOKEN to 24 characters or\n` +
      `more, for example the output of  openssl rand -hex 24 . Without POSTERN_HOST, Postern listens on 127.0.0.1 only.`,
  )
}

/** True for addresses and names that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (net.isIPv4(host) && host.startsWith('127.'))
}

/** Throws, naming the port and how to choose another, where something else listens there. */
export async function demandFreePort(host: string, port: number, command: string): Promise<void> {
  // Browsers try ::1 for "localhost" too, so a stranger there would be taken for Postern.
  const hosts = isLoopback(host) && host !== '::1' ? [host, '::1'] : [host]
  for (const each of hosts) {
    const code = await listenError(each, port)
    if (code === undefined || (code !== 'EADDRINUSE' && each !== host)) continue
    throw new Error(portProblem(code, each, port, command))
  }
}

function portProblem(code: string, host: string, port: number, command: string): string {
  if (code === 'EADDRINUSE') {
    const guess = port === 3000 ? " (3000 is also Grafana's port)" : ''
    return `Port ${port} is already in use${guess}. Stop what uses it, or choose another port:\n  PORT=${port + 1} ${command}`
  }
  if (code === 'EACCES') return `Port ${port} needs special rights. Choose one above 1023:\n  PORT=3000 ${command}`
  return `Postern cannot listen on ${host}, port ${port} (${code}). POSTERN_HOST must be an address of this machine.`
}

function listenError(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = net.createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
}
