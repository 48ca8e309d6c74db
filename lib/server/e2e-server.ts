import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { env } from '@/lib/env'
import { migrate } from '@/lib/store/migrate'
import { createTestDatabase } from '@/lib/store/test-database'
import { buildIfChanged } from './build-if-changed'
import { startEmbeddedPostgres } from './embedded-postgres'
import { startNextServer } from './next-server'
import { ShutDown } from './shut-down'

const root = path.resolve(import.meta.dirname, '../..')
const work = mkdtempSync(path.join(os.tmpdir(), 'postern-e2e-'))
const shutDown = new ShutDown()

/**
 * The server that Playwright's journeys use: the production build on PORT, with an empty database of its own and the demo's
 * egress rules. It takes no setting from `.env` files, so that journeys run alike everywhere.
 */
async function main(): Promise<void> {
  shutDown.onSignals()
  shutDown.add(async () => rmSync(work, { recursive: true, force: true }))
  const settings = env()
  const databaseUrl = settings.POSTERN_TEST_DATABASE_URL ? await databaseOnTestServer() : await databaseOfOurOwn()
  await buildIfChanged(root, shutDown.signal)
  const { DEMO_EGRESS_YAML } = await import('@/lib/demo/demo-config')
  const config = path.join(work, 'egress.yaml')
  writeFileSync(config, DEMO_EGRESS_YAML)
  const server = startNextServer({
    root,
    host: '127.0.0.1',
    port: settings.PORT,
    environment: {
      DATABASE_URL: databaseUrl,
      POSTERN_CONFIG: config,
      POSTERN_EMBED_ORIGINS: settings.POSTERN_EMBED_ORIGINS.join(','),
      POSTERN_LOG_LEVEL: 'warn',
      ...UNSET,
    },
  })
  shutDown.add(server.stop)
  void server.ended.then((code) => shutDown.run(code || 1, 'The server ended.'))
  await server.untilReady()
}

/** Set but empty, so that an `.env` file of the developer does not fill them. */
const UNSET = {
  OTEL_SDK_DISABLED: 'true',
  POSTERN_ADMIN_TOKEN: '',
  POSTERN_ALLOWED_HOSTS: '',
  POSTERN_CLUSTER: '',
  POSTERN_DEMO: '',
  POSTERN_GOLDMANE: '',
  POSTERN_HUBBLE_RELAY: '',
  POSTERN_KUBERNETES: '',
  POSTERN_OTLP_GRPC_PORT: '0',
  POSTERN_OTLP_HTTP_PORT: '0',
  POSTERN_PUBLIC_URL: '',
  POSTERN_RETENTION_HOURS: '',
  POSTERN_SANCTIONED_EGRESS: '',
}

async function databaseOnTestServer(): Promise<string> {
  const { url, drop } = await createTestDatabase()
  shutDown.add(drop)
  return url
}

async function databaseOfOurOwn(): Promise<string> {
  const { url, stop } = await startEmbeddedPostgres({ dataDir: path.join(work, 'database'), isDisposable: true })
  shutDown.add(stop)
  await migrate(url, path.join(root, 'prisma/migrations'))
  return url
}

main().catch((error: unknown) => {
  if (!shutDown.signal.aborted) void shutDown.run(1, error instanceof Error ? error.message : String(error))
})
