import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CollectorStatus } from '@/lib/model/collector'
import { allFlows } from '@/lib/store/all-flows'
import { query, useDatabase, withTransaction } from '@/lib/store/client'
import { saveCollector } from '@/lib/store/collectors'
import { createTestDatabase } from '@/lib/store/test-database'
import { testTlsFile } from './calico/fake-goldmane'
import { CollectorFailure } from './collector'
import { createWhisker } from './whisker'

const NOW_S = Date.parse('2026-11-24T12:00:00Z') / 1000
const WAIT = { timeout: 15_000, interval: 10 }
let database: Awaited<ReturnType<typeof createTestDatabase>>
let statuses: CollectorStatus[]
let nowS = NOW_S
const running: { ending: AbortController; done: Promise<unknown> }[] = []
/** Locks of a test that failed, which would hold up the next one. */
const holds: (() => void)[] = []

/** What Whisker's backend serves: each request is noted and answered by `answer`. */
let answer: (response: ServerResponse, parameters: URLSearchParams) => void
let asked: URLSearchParams[]
const streams = new Set<ServerResponse>()
const serve = (request: IncomingMessage, response: ServerResponse): void => {
  const url = new URL(request.url ?? '', 'http://x')
  asked.push(url.searchParams)
  if (url.pathname !== '/whisker-backend/flows') response.writeHead(404).end()
  else answer(response, url.searchParams)
}
const server = createServer(serve)
const tlsServer = createTlsServer(
  { cert: readFileSync(testTlsFile('web.crt')), key: readFileSync(testTlsFile('web.key')) },
  serve,
)
const portOf = (one: { address(): AddressInfo | string | null }): number => {
  const address = one.address()
  return typeof address === 'object' && address ? address.port : 0
}

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  for (const one of [server, tlsServer]) await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  for (const one of [server, tlsServer]) await new Promise((resolve) => one.close(resolve))
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  statuses = []
  asked = []
  nowS = NOW_S
  answer = follow
  await query(
    'TRUNCATE ingest_batch, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, flow_record, source_minute, source_reject, seen_record, collector, gap',
  )
  await saveCollector({ name: 'w', kind: 'whisker', source: 'calico', cluster: 'prod', status: { state: 'starting' } })
})
afterEach(async () => {
  for (const release of holds.splice(0)) release()
  for (const { ending } of running) ending.abort()
  await Promise.all(running.splice(0).map(({ done }) => done))
  for (const stream of streams) stream.destroy()
  streams.clear()
})

/** Opens an event stream and keeps it. */
function follow(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  streams.add(response)
}
const connected = () => vi.waitFor(() => expect(streams.size).toBeGreaterThan(0), WAIT)
function write(text: string): void {
  for (const stream of streams) stream.write(text)
}
const events = (flows: readonly object[]) => flows.map((flow) => `data: ${JSON.stringify(flow)}\n\n`).join('')

interface Changes {
  readonly url?: string
  readonly tls?: { readonly ca?: string; readonly serverName?: string }
  readonly waitingRecords?: number
  readonly quietMs?: number
}

function start({ url, tls, waitingRecords = 20_000, quietMs = 60_000 }: Changes = {}) {
  const ending = new AbortController()
  const collector = createWhisker(
    {
      kind: 'whisker',
      name: 'w',
      cluster: 'prod',
      url: url ?? `http://127.0.0.1:${portOf(server)}/whisker-backend`,
      ...(tls && { tls }),
    },
    { defaultCluster: 'default', retentionMs: 24 * 3_600_000 },
    { batchMs: 20, retryMs: 20, tlsCheckMs: 20, quietMs, pollMs: 20, waitingRecords },
  )
  const context = {
    signal: ending.signal,
    report: (one: CollectorStatus) => void statuses.push(one),
    now: () => nowS * 1000,
  }
  const done = collector.run(context).then(
    () => undefined,
    (error: unknown) => error,
  )
  const run = { ending, done }
  running.push(run)
  return run
}

const B = NOW_S - 300
const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '')
const flow = (n: number, startS = B, change: object = {}) => ({
  start_time: iso(startS),
  end_time: iso(startS + 15),
  action: 'Allow',
  source_name: `agent-${n}-*`,
  source_namespace: 'ml',
  source_labels: 'app=agent',
  dest_name: 'PUBLIC NETWORK',
  dest_namespace: '-',
  dest_labels: '',
  protocol: 'tcp',
  dest_port: 443,
  reporter: 'Src',
  policies: null,
  packets_in: 1,
  packets_out: 1,
  bytes_in: 200,
  bytes_out: 100,
  ...change,
})
const flows = (count: number, startS = B, change: object = {}) =>
  Array.from({ length: count }, (_, n) => flow(n, startS, change))

async function sums() {
  const rows = await query<{ events: number; sent: number }>(
    `SELECT coalesce(sum(b.events), 0)::float8 AS events, coalesce(sum(b.bytes_sent), 0)::float8 AS sent
     FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id WHERE NOT v.repeats`,
  )
  return rows[0]
}
const reach = (events: number) => vi.waitFor(async () => expect(await sums()).toMatchObject({ events }), WAIT)
const rejects = () => query('SELECT reason, count::int FROM source_reject ORDER BY 1')

describe('an event stream', () => {
  it('is followed from an hour back, says what it lacks, and ends in order', async () => {
    const { ending, done } = start()
    await connected()
    write(events(flows(3)))
    await reach(3)
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({ watch: 'true', startTimeGte: '-3600' })
    expect(statuses.at(-1)).toMatchObject({ state: 'connected', detail: expect.stringContaining('less than Goldmane') })
    for (const { flow } of await allFlows()) {
      expect(flow.server.class).toBe('internet')
      expect(flow.raw.notes).toEqual([expect.stringContaining('from Whisker')])
    }
    ending.abort()
    expect(await done).toBeUndefined()
    expect(await query('SELECT cursor FROM collector')).toEqual([{ cursor: { bucketMs: B * 1000 } }])
  })

  it('that is cut in the middle of an event is read again with overlap, and counts once', async () => {
    const { done } = start()
    await connected()
    write(events(flows(2)))
    write(events([flow(2)]).slice(0, 60))
    await reach(2)
    for (const stream of streams) stream.destroy()
    streams.clear()
    expect(await done).toMatchObject({ message: expect.stringContaining('was lost') })
    start()
    await connected()
    write(events([...flows(3), flow(0, B + 15)]))
    await reach(4)
    expect(asked[1]?.get('startTimeGte')).toBe('-360')
    expect(await sums()).toEqual({ events: 4, sent: 400 })
    expect(await query('SELECT 1 FROM gap')).toEqual([])
  })

  it('arrives in pieces as small as they may be', async () => {
    start()
    await connected()
    for (const byte of Buffer.from(events([flow(0, B, { source_labels: 'app=añadir' }), flow(1)])))
      for (const stream of streams) stream.write(Buffer.of(byte))
    await reach(2)
    const labels = (await allFlows()).map(({ flow }) => flow.client.labels?.app)
    expect(labels.sort()).toEqual(['agent', 'añadir'])
  })

  it('goes on behind an event that is no JSON, one that is no flow, and one that is too large', async () => {
    start()
    await connected()
    write('data: {"action":\n\n')
    write(events([{ error: 'x' }]))
    write(`data: ${'x'.repeat(3_000_000)}\n\n`)
    write(events(flows(2)))
    await reach(2)
    expect(await rejects()).toEqual([
      { reason: 'line_too_long', count: 1 },
      { reason: 'no_flow', count: 1 },
      { reason: 'not_json', count: 1 },
    ])
  })

  it('is held while commits hang', async () => {
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
      holds.push(resolve)
    })
    const locked = withTransaction(async (client) => {
      await client.query('LOCK TABLE flow_record IN ACCESS EXCLUSIVE MODE')
      await held
    })
    start({ waitingRecords: 100 })
    await connected()
    const [stream] = streams
    const big = flows(500, B, { source_labels: `app=${'x'.repeat(80_000)}` })
    stream?.write(events(big))
    // 40 MB: more than sockets hold. Another connection to the same server is served many times over meanwhile.
    for (let n = 0; n < 200; n += 1) await fetch(`http://127.0.0.1:${portOf(server)}/nothing`)
    expect(stream?.writableLength).toBeGreaterThan(0)
    release()
    await locked
    await reach(500)
  })

  it('that is quiet for long is opened anew without a word', async () => {
    start({ quietMs: 30 })
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(2), WAIT)
    expect(statuses.map(({ state }) => state)).toEqual(['connected'])
  })
})

describe('without an event stream', () => {
  it('buckets are asked for one by one, and a restart goes on where it was', async () => {
    answer = (response, parameters) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const [from, to] = [Number(parameters.get('startTimeGte')), Number(parameters.get('startTimeLt'))]
      const items = [B, B + 15, B + 240].filter((at) => at >= from && at < to).flatMap((at) => flows(2, at))
      response.end(JSON.stringify({ total: { totalPages: 1 }, items: parameters.has('watch') ? [] : items }))
    }
    const { ending, done } = start()
    await reach(6)
    ending.abort()
    await done
    const windows = asked
      .filter((one) => !one.has('watch'))
      .map((one) => Number(one.get('startTimeLt')) - Number(one.get('startTimeGte')))
    expect(new Set(windows)).toEqual(new Set([15]))
    expect(await rejects()).toEqual([])
    asked = []
    start()
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(4), WAIT)
    expect(await sums()).toEqual({ events: 6, sent: 600 })
    expect(Number(asked[1]?.get('startTimeGte'))).toBe(B + 240 - 60)
  })
})

describe('what fails is said in an operator’s words, with a remedy', () => {
  const failureOf = async (changes: Changes = {}) => {
    const failure = await start(changes).done
    if (!(failure instanceof CollectorFailure)) throw new Error(`no failure of a collector: ${failure}`)
    return { message: failure.message, remedy: failure.remedy, isLasting: failure.isLasting }
  }

  it.each([
    [503, 'is not reached', 'network policies', false],
    [401, 'answers 401', 'sign-in', true],
    [404, 'no flows at', '/whisker-backend', true],
    [302, 'redirects', 'url', true],
    [429, 'answers 429', 'more rarely', false],
    [500, 'answers 500: went wrong', 'log', false],
  ])('HTTP %d', async (status, message, remedy, isLasting) => {
    answer = (response) =>
      void response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('{"error":"went wrong"}')
    expect(await failureOf()).toEqual({
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
      isLasting,
    })
  })

  it.each([
    ['nobody there', { url: 'http://127.0.0.1:1/' }, 'connection refused'],
    ['no such name', { url: 'http://whisker.invalid/' }, 'cannot be resolved'],
  ])('%s', async (_name, changes, message) => {
    expect(await failureOf(changes)).toMatchObject({ message: expect.stringContaining(message), isLasting: false })
  })

  it('TLS: another authority, another name, and none at all', async () => {
    const url = `https://127.0.0.1:${portOf(tlsServer)}/whisker-backend`
    expect(await failureOf({ url, tls: { ca: testTlsFile('other-ca.crt') } })).toMatchObject({
      message: expect.stringContaining('not trusted'),
      isLasting: true,
    })
    expect(await failureOf({ url, tls: { ca: testTlsFile('ca.crt'), serverName: 'whisker' } })).toMatchObject({
      message: expect.stringContaining('another name'),
    })
    const plain = `https://127.0.0.1:${portOf(server)}/whisker-backend`
    expect(await failureOf({ url: plain, tls: { ca: testTlsFile('ca.crt') } })).toMatchObject({
      message: expect.stringContaining('does not speak'),
    })
  })

  it('over TLS with the right authority it works', async () => {
    start({ url: `https://127.0.0.1:${portOf(tlsServer)}/whisker-backend`, tls: { ca: testTlsFile('ca.crt') } })
    await connected()
    write(events(flows(2)))
    await reach(2)
  })

  it('an answer that never begins is not waited for after the run ends', async () => {
    answer = () => undefined
    const { ending, done } = start()
    await vi.waitFor(() => expect(asked).toHaveLength(1), WAIT)
    ending.abort()
    expect(await done).toBeUndefined()
  })
})
