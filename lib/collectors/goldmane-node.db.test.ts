import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CollectorStatus } from '@/lib/model/collector'
import { allFlows } from '@/lib/store/all-flows'
import { query, useDatabase, withTransaction } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { GOLDMANE } from './calico/protocol'
import { CollectorFailure } from './collector'
import { createGoldmaneNode } from './goldmane-node'

const NOW_S = Date.parse('2026-11-24T12:00:00Z') / 1000
const WAIT = { timeout: 15_000, interval: 10 }
let database: Awaited<ReturnType<typeof createTestDatabase>>
let folder: string
let statuses: CollectorStatus[]
const running: { ending: AbortController; done: Promise<unknown> }[] = []
const clients: Client[] = []
/** Locks of a test that failed, which would hold up the next one. */
const holds: (() => void)[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  statuses = []
  folder = mkdtempSync(path.join(os.tmpdir(), 'postern-node-'))
  await query(
    'TRUNCATE ingest_batch, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, flow_record, source_minute, source_reject',
  )
})
afterEach(async () => {
  for (const release of holds.splice(0)) release()
  for (const client of clients.splice(0)) client.close()
  for (const { ending } of running) ending.abort()
  await Promise.all(running.splice(0).map(({ done }) => done))
  rmSync(folder, { recursive: true })
})

const socketOf = (name = 'flows.sock') => path.join(folder, name)

function start(change: { readonly socket?: string; readonly node?: string; readonly name?: string } = {}) {
  const ending = new AbortController()
  const { socket = socketOf(), node = 'node-1', name = 'node' } = change
  const collector = createGoldmaneNode(
    { kind: 'goldmane-node', name, cluster: 'prod', socket, node },
    { defaultCluster: 'default', retentionMs: 24 * 3_600_000 },
    20,
  )
  const context = {
    signal: ending.signal,
    report: (one: CollectorStatus) => void statuses.push(one),
    now: () => NOW_S * 1000,
  }
  const done = collector.run(context).then(
    () => undefined,
    (error: unknown) => error,
  )
  const run = { ending, done }
  running.push(run)
  return run
}

const listening = (file = socketOf()) => vi.waitFor(() => expect(statSync(file).mode & 0o777).toBe(0o660), WAIT)

/** As Felix dials: plaintext, over the socket. */
class Felix {
  readonly call: ClientDuplexStream<object, object>
  receipts = 0
  private waiting: (() => void)[] = []

  constructor(file = socketOf()) {
    const client = new Client(`unix:${file}`, credentials.createInsecure())
    clients.push(client)
    const { path: route, requestSerialize, responseDeserialize } = GOLDMANE.connect
    this.call = client.makeBidiStreamRequest(route, requestSerialize, responseDeserialize, new Metadata())
    this.call.on('error', () => undefined)
    this.call.on('data', () => {
      this.receipts += 1
      this.waiting.shift()?.()
    })
  }

  /** Sends a flow and waits for its receipt, as Felix does. */
  send(flow: object): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve)
      this.call.write({ flow })
    })
  }
}

const flow = (n: number, change: object = {}) => ({
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
  },
  // Felix leaves the end equal to the start.
  start_time: NOW_S - 60,
  end_time: NOW_S - 60,
  bytes_out: 100,
  num_connections_started: 1,
  ...change,
})

async function sums() {
  const rows = await query<{ connections: number; sent: number }>(
    `SELECT coalesce(sum(b.connections), 0)::float8 AS connections, coalesce(sum(b.bytes_sent), 0)::float8 AS sent
     FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id WHERE NOT v.repeats`,
  )
  return rows[0]
}

/** Keeps commits waiting until released. */
function holdCommits() {
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
    holds.push(resolve)
  })
  let locked: () => void = () => undefined
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve
  })
  const over = withTransaction(async (client) => {
    await client.query('LOCK TABLE flow_record IN ACCESS EXCLUSIVE MODE')
    locked()
    await held
  })
  return {
    isLocked,
    release: () => {
      release()
      return over
    },
  }
}

describe('the node socket', () => {
  it('stores what Felix sends with the name of the node, one bucket of 15 seconds each', async () => {
    start()
    await listening()
    const felix = new Felix()
    for (let n = 0; n < 5; n += 1) await felix.send(flow(n))
    expect(await sums()).toEqual({ connections: 5, sent: 500 })
    const stored = (await allFlows()).map(({ flow }) => ({ node: flow.node, ms: flow.endMs - flow.startMs }))
    expect(stored).toEqual(Array(5).fill({ node: 'node-1', ms: 15_000 }))
    expect(await query('SELECT DISTINCT cluster FROM edge')).toEqual([{ cluster: 'prod' }])
  })

  it('gives a receipt only after COMMIT', async () => {
    start()
    await listening()
    const felix = new Felix()
    await felix.send(flow(0))
    const hold = holdCommits()
    await hold.isLocked
    const sent = felix.send(flow(1))
    await vi.waitFor(async () => {
      const waiting = await query(`SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'flow_record'::regclass`)
      expect(waiting).not.toEqual([])
    }, WAIT)
    expect(felix.receipts).toBe(1)
    await hold.release()
    await sent
    expect(felix.receipts).toBe(2)
    expect(await sums()).toMatchObject({ connections: 2 })
  })

  it('counts flows once that Felix sends again when it connects anew', async () => {
    start()
    await listening()
    const first = new Felix()
    await first.send(flow(0))
    await first.send(flow(1))
    first.call.cancel()
    const second = new Felix()
    for (const n of [0, 1, 2]) await second.send(flow(n))
    expect(await sums()).toEqual({ connections: 3, sent: 300 })
  })

  it('adds up what the nodes say of one key and time', async () => {
    start()
    start({ socket: socketOf('other.sock'), node: 'node-2', name: 'other' })
    await listening()
    await listening(socketOf('other.sock'))
    await new Felix().send(flow(0))
    await new Felix(socketOf('other.sock')).send(flow(0))
    expect(await sums()).toEqual({ connections: 2, sent: 200 })
  })

  it('counts by maximum what one node split by policies, though each part comes alone', async () => {
    start()
    await listening()
    const felix = new Felix()
    const part = (name: string, bytes: number) =>
      flow(0, {
        Key: {
          ...flow(0).Key,
          policies: { enforced_policies: [{ kind: 'GlobalNetworkPolicy', name, tier: 'default', action: 'Allow' }] },
        },
        bytes_out: bytes,
      })
    await felix.send(part('a', 100))
    await felix.send(part('b', 300))
    await felix.send(part('c', 200))
    expect(await sums()).toMatchObject({ sent: 300 })
  })

  it('does not read on while commits hang', async () => {
    start()
    await listening()
    const felix = new Felix()
    await felix.send(flow(0))
    const hold = holdCommits()
    await hold.isLocked
    const labels = Array.from({ length: 100 }, (_, n) => `label-${n}=${'x'.repeat(300)}`)
    // 300 × 30 kB is more than one stream may hold and HTTP/2 lets through.
    for (let n = 1; n <= 300; n += 1) felix.call.write({ flow: flow(n, { source_labels: labels }) })
    // Refused records need no row: their receipts show that the server had time to read on, many times over.
    const other = new Felix()
    for (let n = 0; n < 100; n += 1) await other.send({})
    expect(felix.call.writableLength).toBeGreaterThan(0)
    await hold.release()
    await vi.waitFor(() => expect(felix.receipts).toBe(301), WAIT)
    expect(await sums()).toMatchObject({ connections: 301 })
  })

  it('while the database is away gives no receipt, says so, and stores once afterwards', async () => {
    start()
    await listening()
    const felix = new Felix()
    await felix.send(flow(0))
    await useDatabase('postgresql://nobody@127.0.0.1:1/none')
    const sent = felix.send(flow(1))
    await vi.waitFor(() => expect(statuses.at(-1)).toMatchObject({ state: 'retrying' }), WAIT)
    expect(felix.receipts).toBe(1)
    await useDatabase(database.url)
    await sent
    expect(await sums()).toMatchObject({ connections: 2 })
    expect(statuses.at(-1)).toMatchObject({ state: 'connected', detail: 'Felix is connected.' })
  })

  it('acknowledges a flow that cannot be read, counts it, and goes on', async () => {
    start()
    await listening()
    const felix = new Felix()
    await felix.send({ bytes_out: 7 })
    await felix.send(flow(1))
    expect(await sums()).toMatchObject({ connections: 1 })
    expect(await query('SELECT reason, count::int FROM source_reject')).toEqual([{ reason: 'no_flow', count: 1 }])
  })
})

describe('the socket file', () => {
  it('is removed at the end, and one that a killed process left is replaced', async () => {
    const first = start()
    await listening()
    first.ending.abort()
    expect(await first.done).toBeUndefined()
    expect(existsSync(socketOf())).toBe(false)

    await leaveStaleSocket(socketOf())
    expect(statSync(socketOf()).isSocket()).toBe(true)
    start()
    await listening()
    await new Felix().send(flow(0))
    expect(await sums()).toMatchObject({ connections: 1 })
  })

  it('of another process that listens is left alone', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(socketOf(), resolve))
    expect(await start().done).toMatchObject({
      message: expect.stringContaining('Another process listens'),
      isLasting: true,
    })
    expect(existsSync(socketOf())).toBe(true)
    await new Promise((resolve) => other.close(resolve))
  })

  it('that is no socket is never touched', async () => {
    writeFileSync(socketOf(), 'keep')
    const failure = await start().done
    expect(failure).toBeInstanceOf(CollectorFailure)
    expect(failure).toMatchObject({ message: expect.stringContaining('no socket') })
    expect(statSync(socketOf()).size).toBe(4)
  })

  it.each([
    ['in a folder that is not there', () => path.join(folder, 'missing', 'flows.sock'), 'cannot write'],
    ['with a path that is too long', () => path.join(folder, 'x'.repeat(120)), 'longer than'],
  ])('%s is refused with a remedy', async (_name, socket, message) => {
    expect(await start({ socket: socket() }).done).toMatchObject({
      message: expect.stringContaining(message),
      isLasting: true,
    })
  })
})

/** A socket file whose process is gone: renamed away from its listener, which then removes the old name only. */
async function leaveStaleSocket(file: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(`${file}.tmp`, resolve))
  renameSync(`${file}.tmp`, file)
  await new Promise((resolve) => server.close(resolve))
}
