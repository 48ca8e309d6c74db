import { X509Certificate } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CollectorStatus } from '@/lib/model/collector'
import { createCalicoDecoder } from '@/lib/sources/calico/decode'
import { query, useDatabase, withTransaction } from '@/lib/store/client'
import { saveCollector } from '@/lib/store/collectors'
import { createTestDatabase } from '@/lib/store/test-database'
import { openPull } from '@/lib/usecases/pull-records'
import { FakeGoldmane, testTlsFile } from './calico/fake-goldmane'
import { GoldmaneClient } from './calico/goldmane-client'
import { CollectorFailure } from './collector'
import { createGoldmane } from './goldmane'

const NOW_S = Date.parse('2026-11-24T12:00:00Z') / 1000
const WAIT = { timeout: 15_000, interval: 10 }
let nowS = NOW_S
let database: Awaited<ReturnType<typeof createTestDatabase>>
let goldmane: FakeGoldmane
let folder: string
/** Locks of a test that failed, which would hold up the next one. */
const holds: (() => void)[] = []
let statuses: CollectorStatus[]
const running: { ending: AbortController; done: Promise<unknown> }[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  folder = mkdtempSync(path.join(os.tmpdir(), 'postern-goldmane-'))
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  nowS = NOW_S
  statuses = []
  await query(
    'TRUNCATE ingest_batch, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, flow_record, egress_connection, source_minute, source_reject, seen_record, collector, gap',
  )
  await saveCollector({
    name: 'gm',
    kind: 'goldmane',
    source: 'calico',
    cluster: 'prod',
    status: { state: 'starting' },
  })
  goldmane = new FakeGoldmane(() => nowS)
  await goldmane.listen()
})
afterEach(async () => {
  for (const release of holds.splice(0)) release()
  for (const { ending } of running) ending.abort()
  await Promise.all(running.splice(0).map(({ done }) => done))
  await goldmane.stop()
})

const TLS = { ca: testTlsFile('ca.crt'), cert: testTlsFile('client.crt'), key: testTlsFile('client.key') }

interface Changes {
  readonly tls?: object
  readonly address?: string
  readonly waitingRecords?: number
}

function collectorOf({ tls = {}, address, waitingRecords = 20_000 }: Changes = {}) {
  return createGoldmane(
    {
      kind: 'goldmane',
      name: 'gm',
      cluster: 'prod',
      address: address ?? `127.0.0.1:${goldmane.port}`,
      tls: { ...TLS, serverName: 'goldmane.calico-system.svc', ...tls },
    },
    { defaultCluster: 'default', retentionMs: 24 * 3_600_000 },
    { batchMs: 20, retryMs: 20, tlsCheckMs: 20, waitingRecords },
  )
}

/** Runs once; `done` is how it ended. */
function start(changes: Changes = {}) {
  const ending = new AbortController()
  const context = {
    signal: ending.signal,
    report: (one: CollectorStatus) => void statuses.push(one),
    now: () => nowS * 1000,
  }
  const done = collectorOf(changes)
    .run(context)
    .then(
      () => undefined,
      (error: unknown) => error,
    )
  const run = { ending, done }
  running.push(run)
  return run
}

const flow = (n: number, bytes = 100, change: object = {}) => ({
  Key: {
    source_name: `agent-${n}-*`,
    source_namespace: 'ml',
    source_type: 'WorkloadEndpoint',
    dest_name: 'store-*',
    dest_namespace: 'rag',
    dest_type: 'WorkloadEndpoint',
    dest_port: 443,
    proto: 'tcp',
    reporter: 'Src',
    action: 'Allow',
    policies: { enforced_policies: [{ kind: 'Profile', name: 'kns.ml', action: 'Allow' }] },
  },
  bytes_out: bytes,
  num_connections_started: 1,
  ...change,
})
const flows = (count: number, change: object = {}) => Array.from({ length: count }, (_, n) => flow(n, 100, change))

async function sums() {
  const rows = await query<{ connections: number; sent: number }>(
    `SELECT coalesce(sum(b.connections), 0)::float8 AS connections, coalesce(sum(b.bytes_sent), 0)::float8 AS sent
     FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id WHERE NOT v.repeats`,
  )
  return rows[0]
}
const reach = (connections: number) => vi.waitFor(async () => expect(await sums()).toMatchObject({ connections }), WAIT)
const gaps = () =>
  query<{ reason: string; at: Date; end_at: Date; cluster: string }>(
    'SELECT reason, at, end_at, cluster FROM gap ORDER BY at',
  )
const B = NOW_S - 300

describe('a stream', () => {
  it('begins with all that Goldmane keeps, goes on with each bucket, and ends in order', async () => {
    await goldmane.rollOver(B, flows(3))
    await goldmane.rollOver(B + 15, flows(2))
    const { ending, done } = start()
    await reach(5)
    await goldmane.rollOver(B + 30, flows(4))
    await reach(9)
    expect(goldmane.asked).toEqual([-3600])
    expect(statuses.at(-1)).toMatchObject({ state: 'connected', address: `127.0.0.1:${goldmane.port}` })
    ending.abort()
    expect(await done).toBeUndefined()
    expect(await query('SELECT cursor FROM collector')).toEqual([{ cursor: { bucketMs: (B + 30) * 1000 } }])
    expect(await query('SELECT DISTINCT cluster FROM edge')).toEqual([{ cluster: 'prod' }])
    expect(await gaps()).toEqual([])
  })

  it('that breaks in the middle of a bucket is read again with overlap, and counts once', async () => {
    await goldmane.rollOver(B, flows(3))
    const first = start()
    await reach(3)
    goldmane.cut()
    expect(await first.done).toBeInstanceOf(CollectorFailure)
    // The rest of the bucket came after the cut.
    await goldmane.rollOver(B, [flow(10), flow(11)])
    await goldmane.rollOver(B + 15, flows(3))
    start()
    await reach(8)
    expect(goldmane.asked).toEqual([-3600, -360])
    expect(await sums()).toEqual({ connections: 8, sent: 800 })
    expect(await gaps()).toEqual([])
  })

  it('that tells a bucket again with grown counters replaces what was counted', async () => {
    await goldmane.rollOver(B, [flow(0, 100), flow(1, 100)])
    const first = start()
    await reach(2)
    goldmane.cut()
    await first.done
    goldmane.rewrite(B, [flow(0, 700, { num_connections_started: 5 }), flow(1, 100)])
    start()
    await reach(6)
    expect(await sums()).toEqual({ connections: 6, sent: 800 })
  })

  it('of a restarted server leaves a gap, whatever ids it counts anew', async () => {
    await goldmane.rollOver(B, flows(3))
    const first = start()
    await reach(3)
    await goldmane.restart()
    await first.done
    nowS = NOW_S + 120
    await goldmane.rollOver(NOW_S, flows(2))
    start()
    await reach(5)
    expect(await gaps()).toEqual([
      {
        reason: 'Goldmane restarted: what it held is lost',
        at: new Date((B + 15) * 1000),
        end_at: new Date(NOW_S * 1000),
        cluster: 'prod',
      },
    ])
  })

  it('after more than the hour that Goldmane keeps leaves a gap', async () => {
    await goldmane.rollOver(B, flows(3))
    const first = start()
    await reach(3)
    first.ending.abort()
    await first.done
    nowS = NOW_S + 7200
    await goldmane.rollOver(nowS - 3500, flows(1))
    start()
    await reach(4)
    expect(goldmane.asked).toEqual([-3600, -3600])
    expect(await gaps()).toMatchObject([
      { reason: 'Goldmane keeps one hour: nobody read it for longer', end_at: new Date((nowS - 3500) * 1000) },
    ])
  })

  it('with a record that cannot be read goes on, and counts it', async () => {
    await goldmane.rollOver(B, [
      flow(0),
      { bytes_out: 5 },
      flow(1, 100, { Key: { ...flow(1).Key, proto: '' } }),
      flow(2),
    ])
    start()
    await reach(2)
    expect(await query('SELECT reason, count::int FROM source_reject ORDER BY 1')).toEqual([
      { reason: 'bad_value', count: 1 },
      { reason: 'no_flow', count: 1 },
    ])
  })
})

/** A reader that is never slow; ends when it has so many records. */
async function readAll(count: number): Promise<void> {
  const read = (name: string) => readFileSync(testTlsFile(name))
  const tls = { rootCerts: read('ca.crt'), certChain: read('client.crt'), privateKey: read('client.key') }
  const client = new GoldmaneClient({ address: `127.0.0.1:${goldmane.port}`, tls, serverName: 'goldmane' })
  const stream = client.stream(3600)
  stream.on('error', () => undefined)
  await new Promise<void>((resolve) => {
    let seen = 0
    stream.on('data', () => {
      seen += 1
      if (seen === count) resolve()
    })
  })
  stream.cancel()
  client.close()
}

describe('back-pressure', () => {
  it('while commits hang the server is held; then all of it counts exactly', async () => {
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
      holds.push(resolve)
    })
    const locked = withTransaction(async (client) => {
      await client.query('LOCK TABLE flow_record IN ACCESS EXCLUSIVE MODE')
      await held
    })
    const labels = Array.from({ length: 20 }, (_, n) => `label-${n}=${'x'.repeat(200)}`)
    start({ waitingRecords: 200 })
    await vi.waitFor(() => expect(goldmane.streams).toBe(1), WAIT)
    const sending = goldmane.rollOver(B, flows(1200, { source_labels: labels }))
    const isSent = vi.fn()
    void sending.then(isSent)
    // Another reader takes all of it, after the collector could have: the collector's stream still waits.
    await readAll(1200)
    expect(isSent).not.toHaveBeenCalled()
    expect(goldmane.held).toBe(1)
    release()
    await Promise.all([locked, sending])
    await reach(1200)
    expect(await sums()).toEqual({ connections: 1200, sent: 120_000 })
  })

  it('while the database is away the batch waits, says so, and counts once', async () => {
    start()
    await goldmane.rollOver(B, flows(2))
    await reach(2)
    await useDatabase('postgresql://nobody@127.0.0.1:1/none')
    await goldmane.rollOver(B + 15, flows(3))
    await vi.waitFor(
      () => expect(statuses.at(-1)).toMatchObject({ state: 'retrying', detail: expect.stringContaining('database') }),
      WAIT,
    )
    await useDatabase(database.url)
    await reach(5)
    await vi.waitFor(() => expect(statuses.at(-1)).toMatchObject({ state: 'connected' }), WAIT)
    expect(goldmane.asked).toHaveLength(1)
  })

  it('another process by the same name ends the run, and nothing counts twice', async () => {
    await goldmane.rollOver(B, flows(2))
    const { done } = start()
    await reach(2)
    const other = await openPull({
      collector: 'gm',
      source: 'calico',
      cluster: 'prod',
      defaultCluster: 'default',
      retentionMs: 24 * 3_600_000,
      overlapMs: 60_000,
    })
    const decoder = createCalicoDecoder()
    decoder.push({ flow: { ...flow(1), start_time: B + 15, end_time: B + 30 } }, 1)
    await other.commit(decoder.finish(), { bucketMs: (B + 15) * 1000 }, nowS * 1000)
    await goldmane.rollOver(B + 15, flows(3))
    expect(await done).toMatchObject({ message: expect.stringContaining('Another process') })
    expect(await sums()).toMatchObject({ connections: 3 })
    start()
    await reach(5)
  })
})

describe('certificates', () => {
  it('that are rotated make a new connection, and nothing is lost or doubled', async () => {
    const files = {
      ca: path.join(folder, 'ca.crt'),
      cert: path.join(folder, 'tls.crt'),
      key: path.join(folder, 'tls.key'),
    }
    copyFileSync(TLS.ca, files.ca)
    copyFileSync(TLS.cert, files.cert)
    copyFileSync(TLS.key, files.key)
    await goldmane.rollOver(B, flows(2))
    start({ tls: files })
    await reach(2)
    copyFileSync(testTlsFile('client-rotated.crt'), files.cert)
    copyFileSync(testTlsFile('client-rotated.key'), files.key)
    await vi.waitFor(() => expect(goldmane.clients).toHaveLength(2), WAIT)
    await goldmane.rollOver(B + 15, flows(2))
    await reach(4)
    const serialOf = (name: string) => new X509Certificate(readFileSync(testTlsFile(name))).serialNumber
    expect(goldmane.clients).toEqual([serialOf('client.crt'), serialOf('client-rotated.crt')])
    expect(await sums()).toEqual({ connections: 4, sent: 400 })
  })
})

describe('what fails is said in an operator’s words, with a remedy', () => {
  const failureOf = async (changes: Changes) => {
    const failure = await start(changes).done
    if (!(failure instanceof CollectorFailure)) throw new Error(`no failure of a collector: ${failure}`)
    return { message: failure.message, remedy: failure.remedy, isLasting: failure.isLasting }
  }

  it.each([
    ['another CA', { tls: { ca: testTlsFile('other-ca.crt') } }, 'not trusted', 'tls.ca', true],
    [
      'no client certificate',
      { tls: { cert: undefined, key: undefined } },
      'wants a client certificate',
      'Tigera CA',
      true,
    ],
    ['a certificate without its key', { tls: { key: undefined } }, 'only one is set', 'tls.key', true],
    [
      'a foreign client',
      { tls: { cert: testTlsFile('foreign-client.crt'), key: testTlsFile('foreign-client.key') } },
      'client certificate',
      'tls.cert',
      true,
    ],
    ['another name', { tls: { serverName: undefined } }, 'another name', 'tls.serverName', true],
    ['a file that is not there', { tls: { ca: '/nowhere/ca.crt' } }, '/nowhere/ca.crt', 'path', true],
    ['nobody there', { address: '127.0.0.1:1' }, 'connection refused', 'goldmane.calico-system.svc:7443', false],
    ['no such name', { address: 'goldmane.invalid:7443' }, 'cannot be resolved', 'name', false],
  ])('%s', async (_name, changes, message, remedy, isLasting) => {
    expect(await failureOf(changes)).toEqual({
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
      isLasting,
    })
  })

  it('a hundred streams', async () => {
    goldmane.refuse(status.RESOURCE_EXHAUSTED)
    expect(await failureOf({})).toMatchObject({ message: expect.stringContaining('100 at a time'), isLasting: false })
  })

  it('another gRPC server', async () => {
    const other = new Server()
    const pair = {
      cert_chain: readFileSync(testTlsFile('server.crt')),
      private_key: readFileSync(testTlsFile('server.key')),
    }
    const credentials = ServerCredentials.createSsl(null, [pair])
    const port = await new Promise<number>((resolve, reject) => {
      other.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)))
    })
    try {
      expect(await failureOf({ address: `127.0.0.1:${port}` })).toMatchObject({
        message: expect.stringContaining('not Goldmane'),
        isLasting: true,
      })
    } finally {
      other.forceShutdown()
    }
  })
})
