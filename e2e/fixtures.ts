import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import path from 'node:path'
import { test as base } from '@playwright/test'
import pg from 'pg'

const root = path.resolve(import.meta.dirname, '..')

/** A production server of its own, on an empty database, for one worker. */
export interface Postern {
  readonly base: string
  post(
    body: string,
    options?: { readonly dataset?: string; readonly headers?: Record<string, string> },
  ): Promise<Response>
}

export const test = base.extend<object, { postern: Postern }>({
  postern: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures wanted from this pattern
    async ({}, use) => {
      const database = await createDatabase()
      const port = await freePort()
      const server = startServer(database.url, port)
      const url = `http://127.0.0.1:${port}`
      await untilReady(url, server)
      await use({
        base: url,
        post: (body, { dataset, headers } = {}) =>
          fetch(`${url}/api/ingest/hubble${dataset ? `?dataset=${dataset}` : ''}`, { method: 'POST', headers, body }),
      })
      server.kill('SIGTERM')
      await once(server, 'exit')
      await database.drop()
    },
    { scope: 'worker', timeout: 90_000 },
  ],
})

export { expect } from '@playwright/test'

async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const adminUrl = process.env.POSTERN_TEST_DATABASE_URL
  if (!adminUrl) throw new Error('POSTERN_TEST_DATABASE_URL is not set: run the tests with npm test')
  const name = `e2e_${randomBytes(6).toString('hex')}`
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: adminUrl })
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  await run(`CREATE DATABASE ${name}`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const migration = spawn(
    process.execPath,
    ['--conditions=react-server', '--import', 'tsx', 'lib/server/migrate-command.ts'],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, DATABASE_URL: url.href },
    },
  )
  const [code] = await once(migration, 'exit')
  if (code !== 0) throw new Error('the migrations failed')
  return { url: url.href, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) }
}

function startServer(databaseUrl: string, port: number): ChildProcess {
  return spawn(process.execPath, ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', String(port)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      NEXT_TELEMETRY_DISABLED: '1',
    },
  })
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (typeof address !== 'object' || !address) throw new Error('no free port')
  return address.port
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (server.exitCode !== null) throw new Error('the server ended before it was ready')
    const response = await fetch(`${url}/api/health/ready`).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the server did not become ready')
}
