import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Env, env } from '@/lib/env'
import { distributeTables } from '@/lib/store/distribute'
import { migrate } from '@/lib/store/migrate'
import { buildIfChanged } from './build-if-changed'
import { feedDemo } from './demo-feeder'
import { loadEnvFiles } from './load-env-files'
import { type NextServer, startNextServer } from './next-server'
import { type OpenDatabase, openEmbedded, openGiven, openGivenForDemo } from './open-database'
import { demandFloors, demandFreePort, demandSafeHost } from './preflight'
import { ShutDown } from './shut-down'

const root = path.resolve(import.meta.dirname, '../..')
const isDemo = process.argv.includes('--demo')
const isReset = process.argv.includes('--reset')
const command = isDemo ? 'npm run demo' : 'npm start'
const PROGRESS = 'fed-until'
const shutDown = new ShutDown()

/** `npm start` and `npm run demo`: database, migrations, build, server; Ctrl-C ends them in reverse. */
async function main(): Promise<void> {
  shutDown.onSignals()
  loadEnvFiles(root)
  demandFloors(root)
  const settings = env()
  demandSafeHost(settings.POSTERN_HOST, settings.POSTERN_ADMIN_TOKEN)
  await demandFreePort(settings.POSTERN_HOST, settings.PORT, command)
  if (isReset && !isDemo) throw new Error('--reset empties the demo only: npm run demo -- --reset')
  const home = path.resolve(root, settings.POSTERN_DATA_DIR, isDemo ? 'demo' : 'data')
  mkdirSync(path.dirname(home), { recursive: true, mode: 0o700 })

  const database = await openDatabase(settings, home)
  shutDown.add(database.stop)
  const applied = await migrate(database.url, path.join(root, 'prisma/migrations'))
  if (settings.POSTERN_CITUS === '1') await distributeTables(database.url)
  if (applied.length > 0) console.log(`Database migrated: ${applied.join(', ')}`)
  await buildIfChanged(root, shutDown.signal)

  const server = startNextServer({
    root,
    host: settings.POSTERN_HOST,
    port: settings.PORT,
    environment: { DATABASE_URL: database.url, ...(isDemo && (await demoEnvironment(home))) },
  })
  shutDown.add(server.stop)
  void server.ended.then((code) => shutDown.run(code || 1, 'The server ended; stopping the rest.'))
  await server.untilReady()
  announce(settings, server, database)
  if (isDemo) await startDemo(settings, server, home, database.url)
}

function openDatabase(settings: Env, home: string): Promise<OpenDatabase> {
  if (isReset) rmSync(path.join(home, PROGRESS), { force: true })
  const { DATABASE_URL: given } = settings
  if (given) return isDemo ? openGivenForDemo(given, isReset) : openGiven(given)
  return openEmbedded(home, isReset, (reason) => void shutDown.run(1, reason.message))
}

async function demoEnvironment(home: string): Promise<Record<string, string | undefined>> {
  const { DEMO_EGRESS_YAML } = await import('@/lib/demo/demo-config')
  const file = path.join(home, 'egress.yaml')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  writeFileSync(file, DEMO_EGRESS_YAML)
  return { POSTERN_DEMO: '1', POSTERN_CONFIG: file, POSTERN_SANCTIONED_EGRESS: '' }
}

async function startDemo(settings: Env, { baseUrl }: NextServer, home: string, databaseUrl: string): Promise<void> {
  const { keepDemoInventory } = await import('./demo-inventory')
  await keepDemoInventory(databaseUrl, shutDown.signal)
  const { demoBatches, LIVE_SCENARIOS } = await import('@/lib/demo/run-demo')
  console.log('  The demo cluster is sending: the last 15 minutes first, then live.\n')
  await feedDemo({
    batches: demoBatches,
    liveScenarios: LIVE_SCENARIOS,
    baseUrl,
    adminToken: settings.POSTERN_ADMIN_TOKEN,
    progressFile: path.join(home, PROGRESS),
    signal: shutDown.signal,
  })
}

function announce(settings: Env, { baseUrl }: NextServer, database: OpenDatabase): void {
  const url = settings.POSTERN_PUBLIC_URL ?? baseUrl
  const signIn = settings.POSTERN_ADMIN_TOKEN ? `\n  Sign in with   POSTERN_ADMIN_TOKEN` : ''
  console.log(`
  Postern${isDemo ? ' (demo)' : ''} is ready  ${url}${signIn}
  Database       ${database.description}
  Send flows     hubble observe --last 5000 -o json | curl --data-binary @- ${url}/api/ingest/hubble
  Send traces    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${url}/v1/traces${otlpPorts(settings)}
  Stop           Ctrl-C${isDemo ? '        Start over  npm run demo -- --reset' : '        Demo  npm run demo'}
`)
}

/** The ports of OTLP alone, where they are on; whether they could be had stands on the sources page. */
function otlpPorts({ POSTERN_OTLP_HTTP_PORT: http, POSTERN_OTLP_GRPC_PORT: grpc }: Env): string {
  const ports = [...(grpc ? [`gRPC ${grpc}`] : []), ...(http ? [`HTTP ${http}`] : [])]
  return ports.length > 0 ? `\n  OTLP ports     ${ports.join(', ')}` : ''
}

main().catch((error: unknown) => {
  if (shutDown.signal.aborted) return
  const reason = error instanceof Error ? error.message : String(error)
  void shutDown.run(1, `Postern did not start.\n${reason}`)
})
