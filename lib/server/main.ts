import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { childEnv, env } from '@/lib/env'
import { migrate } from '@/lib/store/migrate'
import { buildIfChanged } from './build-if-changed'
import { feedDemo } from './demo-feeder'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres'
import { checkFloors, isLoopback } from './preflight'

const root = path.resolve(import.meta.dirname, '../..')
const isDemo = process.argv.includes('--demo')
const home = path.join(root, '.postern', isDemo ? 'demo' : 'data')

/** `npm start` and `npm run demo`: database, migrations, build, server; one process tree that Ctrl-C ends. */
async function main(): Promise<void> {
  checkFloors(root)
  const { PORT: port, POSTERN_HOST: host, POSTERN_ADMIN_TOKEN: adminToken, DATABASE_URL: given } = env()
  if (!isLoopback(host) && !adminToken)
    throw new Error(
      `Listening on ${host} needs POSTERN_ADMIN_TOKEN (at least 24 characters); without it Postern stays on 127.0.0.1.`,
    )
  await demandFreePort(host, port)
  if (isDemo && process.argv.includes('--reset')) rmSync(home, { recursive: true, force: true })
  const database = given && !isDemo ? undefined : await startEmbeddedPostgres(home)
  const databaseUrl = database?.url ?? given ?? ''
  const applied = await migrate(databaseUrl, path.join(root, 'prisma/migrations'))
  if (applied.length > 0) console.log(`Migrated: ${applied.join(', ')}`)
  buildIfChanged(root)
  const server = startServer(databaseUrl, host, port)
  const stop = stopper(server, database)
  process.once('SIGINT', () => void stop(0))
  process.once('SIGTERM', () => void stop(0))
  server.once('exit', (code) => void stop(code ?? 1))
  database?.onExit(() => {
    console.error('PostgreSQL ended; restarting it.')
    void startEmbeddedPostgres(home).catch(() => stop(1))
  })
  await untilReady(`http://${host}:${port}/api/health/ready`, server)
  announce(host, port, database)
  if (isDemo) await feedDemo(`http://${host}:${port}`)
}

function startServer(databaseUrl: string, host: string, port: number): ChildProcess {
  return spawn(
    process.execPath,
    [path.join(root, 'node_modules/next/dist/bin/next'), 'start', '-H', host, '-p', String(port)],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: childEnv({
        NODE_ENV: 'production',
        DATABASE_URL: databaseUrl,
        PORT: String(port),
        NEXT_TELEMETRY_DISABLED: '1',
        POSTERN_DEMO: isDemo ? '1' : undefined,
      }),
    },
  )
}

function stopper(server: ChildProcess, database: EmbeddedPostgres | undefined): (code: number) => Promise<void> {
  let isStopping = false
  return async (code) => {
    if (isStopping) return
    isStopping = true
    server.kill('SIGTERM')
    await database?.stop()
    process.exit(code)
  }
}

async function demandFreePort(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', () =>
      reject(
        new Error(
          `Port ${port} on ${host} is taken (3000 is also Grafana's default). Choose another: PORT=3001 npm start`,
        ),
      ),
    )
    probe.listen(port, host, () => probe.close(() => resolve()))
  })
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (server.exitCode !== null) throw new Error('The server ended before it was ready.')
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`The server did not become ready within 60 s: ${url}`)
}

function announce(host: string, port: number, database: EmbeddedPostgres | undefined): void {
  const base = `http://${host === '127.0.0.1' ? 'localhost' : host}:${port}`
  console.log(`
  Postern ${isDemo ? '(demo) ' : ''}is at  ${base}
  Data in  ${database ? path.relative(process.cwd(), home) || home : 'DATABASE_URL'}${database?.adopted ? ' (took over the running PostgreSQL)' : ''}
  Send flows:  hubble observe -o json | curl --data-binary @- ${base}/api/ingest/hubble
  Stop with Ctrl-C.
`)
}

main().catch((error: unknown) => {
  console.error(`Postern did not start. ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
