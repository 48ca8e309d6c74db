import net from 'node:net'
import path from 'node:path'
import { withBenchDatabase } from './bench-database'
import type { JobResult } from './bench-jobs'
import { type Usage, usageOf } from './bench-measure'
import { type PipelineOptions, pipelinePlans, rateOf } from './bench-pipeline'
import { runJob, startJob } from './bench-process'
import type { Comparison } from './bench-report'
import { buildIfChanged } from './build-if-changed'
import { startNextServer } from './next-server'

/** A server that takes bodies in. */
export interface BenchServer {
  readonly baseUrl: string
  usage(): Usage
  end(): Promise<void>
}

const root = path.resolve(import.meta.dirname, '../..')

/** The built application on a database, as `npm start` runs it. */
export async function startRoute(url: string): Promise<BenchServer> {
  await buildIfChanged(root)
  const server = startNextServer({
    root,
    host: '127.0.0.1',
    port: await freePort(),
    environment: { ...UNSET, DATABASE_URL: url, POSTERN_LOG_LEVEL: 'warn' },
  })
  await server.untilReady()
  return { baseUrl: server.baseUrl, usage: () => usageOf(server.child.pid ?? 0), end: server.stop }
}

/** The same use case behind nothing but `node:http`. */
export async function startBare(url: string): Promise<BenchServer> {
  const running = await startJob({ kind: 'serve', url })
  return { baseUrl: `http://127.0.0.1:${running.result.port}`, usage: running.usage, end: running.end }
}

/** Set but empty, so that no `.env` file of a developer fills them. */
const UNSET = {
  OTEL_SDK_DISABLED: 'true',
  POSTERN_ADMIN_TOKEN: '',
  POSTERN_ALLOWED_HOSTS: '',
  POSTERN_CLUSTER: '',
  POSTERN_CONFIG: '',
  POSTERN_DEMO: '',
  POSTERN_GOLDMANE: '',
  POSTERN_HUBBLE_RELAY: '',
  POSTERN_KUBERNETES: '',
  POSTERN_OTLP_GRPC_PORT: '0',
  POSTERN_OTLP_HTTP_PORT: '0',
  POSTERN_PUBLIC_URL: '',
  POSTERN_SANCTIONED_EGRESS: '',
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

interface Served {
  readonly large: JobResult
  readonly small: JobResult
  readonly usage: Usage
}

export interface RouteOptions extends PipelineOptions {
  /** JSON.parse of the same lines, from the same run. */
  readonly parse: JobResult
  /** Ours; the limit beside it is always the bare server. */
  readonly start: (url: string) => Promise<BenchServer>
}

/** From POST to 200, which comes after COMMIT, with its senders on the same cores. */
export async function routeStage({
  serverUrl,
  flows,
  size,
  parse,
  start,
  run = runJob,
}: RouteOptions): Promise<Comparison[]> {
  const measure = (name: string, startOne: (url: string) => Promise<BenchServer>): Promise<Served> =>
    withBenchDatabase(serverUrl, name, async (url) => {
      const server = await startOne(url)
      try {
        // Servers go by the clock of the wall.
        const { warm, large, small } = pipelinePlans(flows, Date.now(), size)
        const [first, second] = [
          await run({ kind: 'post', baseUrl: server.baseUrl, warm, plan: large }),
          await run({ kind: 'post', baseUrl: server.baseUrl, plan: small }),
        ]
        return { large: first, small: second, usage: server.usage() }
      } finally {
        await server.end()
      }
    })
  const bare = await measure('postern_bench_bare', startBare)
  const ours = await measure('postern_bench_route', start)
  const wait = ({ p50Ms, p99Ms }: JobResult): string =>
    `p50 ${Math.round(p50Ms ?? Number.NaN)} ms, p99 ${Math.round(p99Ms ?? Number.NaN)} ms`
  return [
    {
      name: 'POST to 200, 5 MB bodies, 4 senders',
      note: wait(ours.large),
      ours: rateOf(ours.large),
      limit: rateOf(parse),
      unit: 'flows/s',
      limitName: 'JSON.parse of the same lines, one core',
      goal: { is: 'at least', ratio: 0.5 },
    },
    {
      name: 'POST to 200, 5 MB bodies, 4 senders',
      ours: rateOf(ours.large),
      limit: rateOf(bare.large),
      unit: 'flows/s',
      limitName: `the same use case behind bare node:http (${wait(bare.large)})`,
      goal: { is: 'at least', ratio: 0.85 },
    },
    {
      name: 'POST to 200, 100 flows, 32 senders',
      note: wait(ours.small),
      ours: rateOf(ours.small),
      limit: rateOf(ours.large),
      unit: 'flows/s',
      limitName: 'the 5 MB bodies',
      goal: { is: 'at least', ratio: 0.5 },
    },
    {
      name: 'memory of the server at its peak',
      note: `at the end ${Math.round(ours.usage.rssMiB)} MiB`,
      ours: ours.usage.peakMiB,
      limit: bare.usage.peakMiB,
      unit: 'MiB',
      limitName: 'the bare server',
    },
  ]
}
