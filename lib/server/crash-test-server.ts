import path from 'node:path'
import { GET as ready } from '@/app/api/health/ready/route'
import { POST as ingestFlows } from '@/app/api/ingest/[source]/route'
import { POST as ingestNat } from '@/app/api/ingest/nat/[format]/route'
import { POST as ingestOtlp } from '@/app/v1/[...path]/route'
import { serveWeb } from '@/lib/collectors/web-server'
import { env, retention } from '@/lib/env'
import { migrate } from '@/lib/store/migrate'
import { startBackground } from '@/lib/usecases/start-background'
import { AHEAD_MS } from './crash-test-server-options'

const root = path.resolve(import.meta.dirname, '../..')

/**
 * Postern as the crash test kills it: migrations, the background work and the very routes of ingest behind `node:http`, on
 * DATABASE_URL. It has no pages and so needs no build; what must survive a crash is the same code. Tells its parent the port.
 */
async function main(): Promise<void> {
  const { DATABASE_URL: url = '', POSTERN_SETTLE_SECONDS: settleS } = env()
  const aheadMs = Number(process.argv[2] ?? AHEAD_MS)
  await migrate(url, path.join(root, 'prisma/migrations'))
  await startBackground({
    settleMs: settleS * 1000,
    retention: retention(),
    maintenance: { now: () => Date.now() + aheadMs, rollUpEveryMs: 100, retentionEveryMs: 2000 },
  })
  const { port } = await serveWeb('127.0.0.1', 0, answer)
  process.send?.({ port })
}

function answer(request: Request): Promise<Response> {
  const [, api, kind, source = '', format = ''] = new URL(request.url).pathname.split('/')
  if (api === 'v1') return ingestOtlp(request)
  if (kind === 'health') return ready(request, { params: Promise.resolve({}) })
  if (source === 'nat') return ingestNat(request, { params: Promise.resolve({ format }) })
  return ingestFlows(request, { params: Promise.resolve({ source }) })
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
