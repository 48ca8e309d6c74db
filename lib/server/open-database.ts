import { rmSync } from 'node:fs'
import path from 'node:path'
import { demandVersion, ensureDatabase, probeServer, runStatement } from '@/lib/store/server-admin'
import { startEmbeddedPostgres } from './embedded-postgres'
import { isPostmasterOf, readPostmaster } from './postmaster-file'

export interface OpenDatabase {
  readonly url: string
  /** One line for people, without secrets. */
  readonly description: string
  stop(): Promise<void>
}

const WAIT_MS = 30_000
/** Codes of a server that may just be starting: refused, name not there yet, "the database system is starting up". */
const NOT_YET = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', '57P03'])

/** Starts the embedded server with its data in `dataDir`; `isReset` empties it first. */
export async function openEmbedded(
  dataDir: string,
  isReset: boolean,
  onGaveUp: (reason: Error) => void,
): Promise<OpenDatabase> {
  if (isReset) await wipe(dataDir)
  const server = await startEmbeddedPostgres({ dataDir, onGaveUp })
  const near = path.relative(process.cwd(), dataDir)
  const where = `embedded PostgreSQL, data in ${near.startsWith('..') ? dataDir : near}`
  return {
    url: server.url,
    description: server.wasAdopted ? `${where} (was still running)` : where,
    stop: server.stop,
  }
}

async function wipe(dataDir: string): Promise<void> {
  const cluster = path.join(dataDir, 'pg')
  const found = readPostmaster(cluster)
  if (found && isPostmasterOf(cluster, found.pid)) await (await startEmbeddedPostgres({ dataDir })).stop()
  rmSync(dataDir, { recursive: true, force: true })
}

/** Waits up to half a minute for the server of DATABASE_URL and checks that it is new enough. */
export async function openGiven(url: string): Promise<OpenDatabase> {
  const description = describeUrl(url)
  const deadlineMs = Date.now() + WAIT_MS
  for (let attempt = 0; ; attempt += 1) {
    const probe = await probeServer(url)
    if ('versionNumber' in probe) {
      demandVersion(probe.versionNumber)
      return { url, description, stop: async () => undefined }
    }
    const { code, message } = probe.error
    if (!NOT_YET.has(code ?? '') || Date.now() > deadlineMs)
      throw new Error(`DATABASE_URL (${description}) cannot be used: ${message || code}`)
    if (attempt === 0) console.log(`Waiting for the database (${description}) …`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** A database for the demo on the server of DATABASE_URL, beside the real one; `isReset` drops it first. */
export async function openGivenForDemo(url: string, isReset: boolean): Promise<OpenDatabase> {
  await (await openGiven(url)).stop()
  const demoUrl = new URL(url)
  const name = `${decodeURIComponent(demoUrl.pathname.slice(1)) || 'postern'}_demo`
  demoUrl.pathname = `/${encodeURIComponent(name)}`
  if (isReset) await runStatement(url, `DROP DATABASE IF EXISTS "${name.replaceAll('"', '""')}" WITH (FORCE)`)
  await ensureDatabase(url, name)
  return openGiven(demoUrl.href)
}

function describeUrl(url: string): string {
  if (!URL.canParse(url)) return 'not a URL'
  const { hostname, port, pathname, searchParams } = new URL(url)
  return `database ${decodeURIComponent(pathname.slice(1))} on ${searchParams.get('host') ?? hostname}${port && `:${port}`}`
}
