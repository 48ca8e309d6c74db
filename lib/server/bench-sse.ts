import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { useDatabase } from '@/lib/store/client'
import { migrate } from '@/lib/store/migrate'
import { ingestBatch } from '@/lib/usecases/ingest-batch'
import { ask, startChild, USAGE } from './bench-child'
import { CLIENTS_READY, CLIENTS_RESULT } from './bench-sse-messages'
import { buildIfChanged } from './build-if-changed'
import { startEmbeddedPostgres } from './embedded-postgres'
import { startNextServer } from './next-server'

const root = path.resolve(import.meta.dirname, '../..')
const USAGE_REPORTER = path.join(root, 'lib/server/report-usage.mjs')
const PORT = z.object({ port: z.number() })
const WINDOWS = ['now-5m', 'now-15m', 'now-30m', 'now-1h']
/** Edges of each view. */
const SERVERS = 20

export interface SseOptions {
  readonly clients: number
  /** Different views: each is of a namespace of its own, on one of four windows. */
  readonly views: number
  readonly seconds: number
}

export interface SseMeasured {
  /** Of the server's process alone, from when all clients had their snapshot. */
  readonly cpuSeconds: number
  readonly rssMiB: number
  /** An event's arrival at a client, less its first arrival at any client. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Received by all clients together. */
  readonly bytes: number
  readonly events: number
}

/**
 * Live graphs for many browsers beside the least that this can cost. Ours is the production server with its database, into which
 * another process commits one flow per view and second. The bare server is `node:http`, which sends the recorded bytes of ours
 * at the same moments to as many clients. Each server and the clients are processes of their own, on loopback.
 */
export async function sseStage(options: SseOptions): Promise<{ ours: SseMeasured; bare: SseMeasured }> {
  await buildIfChanged(root)
  const { measured, recorded } = await measureOurs(options)
  const bare = await measureBare(options, recorded)
  return { ours: measured, bare }
}

type Result = z.infer<typeof CLIENTS_RESULT>

async function measureOurs(options: SseOptions): Promise<{ measured: SseMeasured; recorded: Result }> {
  const work = mkdtempSync(path.join(os.tmpdir(), 'postern-bench-sse-'))
  const database = await startEmbeddedPostgres({ dataDir: path.join(work, 'database'), isDisposable: true })
  await useDatabase(database.url)
  try {
    await migrate(database.url, path.join(root, 'prisma/migrations'))
    for (let server = 0; server < SERVERS; server += 1) await commitOnce(options.views, server)
    const port = await freePort()
    const server = startNextServer({
      root,
      host: '127.0.0.1',
      port,
      environment: { ...ENVIRONMENT, DATABASE_URL: database.url },
      preloads: [USAGE_REPORTER],
    })
    try {
      await server.untilReady()
      const paths = Array.from(
        { length: options.views },
        (_, view) => `/api/graph/stream?scope=all&ns=ns-${view}&from=${WINDOWS[view % WINDOWS.length]}`,
      )
      return await measure(server.child, port, options, paths, async () => {
        for (let second = 0; second < options.seconds; second += 1) {
          const untilMs = performance.now() + 1000
          await commitOnce(options.views, second % SERVERS)
          await wait(Math.max(0, untilMs - performance.now()))
        }
      })
    } finally {
      await server.stop()
    }
  } finally {
    await useDatabase(undefined)
    await database.stop()
    rmSync(work, { recursive: true, force: true })
  }
}

async function measureBare(options: SseOptions, { first, later }: Result): Promise<SseMeasured> {
  const server = startChild(path.join(root, 'lib/server/bench-sse-bare.ts'))
  try {
    const { port } = await ask(server, { play: { first, events: later } }, PORT)
    const paths = Array.from({ length: options.views }, (_, view) => `/${view}`)
    const { measured } = await measure(server, port, options, paths, async () => {
      server.send('begin')
      await wait(options.seconds * 1000)
    })
    return measured
  } finally {
    server.kill()
  }
}

async function measure(
  server: ChildProcess,
  port: number,
  options: SseOptions,
  paths: readonly string[],
  during: () => Promise<void>,
): Promise<{ measured: SseMeasured; recorded: Result }> {
  const clients = startChild(path.join(root, 'lib/server/bench-sse-clients.ts'))
  try {
    await ask(clients, { open: { port, clients: options.clients, paths } }, CLIENTS_READY)
    await ask(clients, 'begin', CLIENTS_READY)
    const before = await ask(server, 'usage', USAGE)
    await during()
    const after = await ask(server, 'usage', USAGE)
    const recorded = await ask(clients, 'end', CLIENTS_RESULT)
    const { bytes, events, p50Ms, p99Ms } = recorded
    const cpuSeconds = after.cpuSeconds - before.cpuSeconds
    return { measured: { cpuSeconds, rssMiB: after.rssMiB, p50Ms, p99Ms, bytes, events }, recorded }
  } finally {
    clients.kill()
  }
}

/** One flow in the namespace of each view, to a server of this number. */
async function commitOnce(views: number, server: number): Promise<void> {
  const time = new Date(Date.now() - 2000).toISOString()
  const lines = Array.from({ length: views }, (_, view) => {
    const pod = (name: string) => ({
      ID: 1,
      namespace: `ns-${view}`,
      pod_name: `${name}-0`,
      labels: [`k8s:app=${name}`],
    })
    const flow = {
      time,
      uuid: randomUUID(),
      verdict: 'FORWARDED',
      IP: { source: `10.${view}.0.1`, destination: `10.${view}.1.${server + 1}` },
      l4: { TCP: { source_port: 40_000, destination_port: 8080, flags: { SYN: true } } },
      source: pod('client'),
      destination: pod(`server-${server}`),
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
    }
    return JSON.stringify({ flow, time })
  })
  async function* body() {
    yield new TextEncoder().encode(lines.join('\n'))
  }
  const { accepted } = await ingestBatch({
    source: 'hubble',
    body: body(),
    dataset: '',
    tokenId: 'bench',
    defaultCluster: 'bench',
    retentionMs: 3_600_000,
    nowMs: Date.now(),
  })
  if (accepted !== views) throw new Error('a generated flow was refused')
}

/** Nothing but the graph: no further ports, no exporter, no settings of the developer's `.env`. */
const ENVIRONMENT = {
  OTEL_SDK_DISABLED: 'true',
  POSTERN_ADMIN_TOKEN: '',
  POSTERN_CONFIG: '',
  POSTERN_GOLDMANE: '',
  POSTERN_HUBBLE_RELAY: '',
  POSTERN_KUBERNETES: '',
  POSTERN_LOG_LEVEL: 'warn',
  POSTERN_OTLP_GRPC_PORT: '0',
  POSTERN_OTLP_HTTP_PORT: '0',
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
