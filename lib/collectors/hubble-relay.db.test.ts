import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ServerCredentials, status } from '@grpc/grpc-js'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CollectorStatus } from '@/lib/model/collector'
import { query, useDatabase } from '@/lib/store/client'
import { loadCollectors } from '@/lib/store/collectors'
import { createTestDatabase } from '@/lib/store/test-database'
import type { Collector } from './collector'
import { FakeRelay, type RelayEvent } from './hubble/fake-relay'
import { createHubbleRelay, type RelayTimes } from './hubble-relay'
import { supervise } from './supervise'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const TIMES: RelayTimes = {
  batchMs: 20,
  retryMs: 20,
  statusEveryMs: 25,
  statusTimeoutMs: 5000,
  renewAfterMs: 60_000,
  tlsCheckMs: 20,
  waitingRecords: 20_000,
}
const PAUSES = { firstPauseMs: 5, longestPauseMs: 20, lastingPauseMs: 20 }

interface Running {
  readonly name: string
  stop(): Promise<void>
}
const running: Running[] = []
const relays: FakeRelay[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()))
  for (const relay of relays.splice(0)) relay.stop()
})

async function startRelay(credentials?: ServerCredentials): Promise<FakeRelay> {
  const relay = await new FakeRelay(credentials).start()
  relays.push(relay)
  return relay
}

interface Options {
  readonly times?: Partial<RelayTimes>
  readonly tls?: object
  readonly lookBackMinutes?: number
}
function collectorOf(name: string, address: string, { times, tls, lookBackMinutes = 5 }: Options = {}): Collector {
  const settings = { kind: 'hubble-relay' as const, name, cluster: name, address, lookBackMinutes, ...(tls && { tls }) }
  const defaults = { defaultCluster: 'default', retentionMs: 3_600_000 }
  // The duty's lock is not what these tests are about.
  return { ...createHubbleRelay(settings, defaults, { ...TIMES, ...times }), isExclusive: false }
}

/** Runs a collector of that name and cluster under the supervisor. */
function start(name: string, address: string, options: Options = {}): Running {
  const ending = new AbortController()
  const over = supervise(collectorOf(name, address, options), ending.signal, PAUSES)
  const one = {
    name,
    stop: async () => {
      ending.abort()
      await over
    },
  }
  running.push(one)
  return one
}

let serial = 0
const iso = (atMs: number): string => new Date(atMs).toISOString()
/** An allowed connection attempt, its time `agoMs` before now. */
function flowAt(agoMs: number, node = 'n1'): RelayEvent {
  const time = iso(Date.now() - agoMs)
  serial += 1
  const flow = {
    time,
    uuid: `uuid-${serial}`,
    verdict: 'FORWARDED',
    IP: { source: '10.0.0.1', destination: '10.0.0.2' },
    l4: { TCP: { source_port: 1024 + (serial % 60_000), destination_port: 443, flags: { SYN: true } } },
    source: {
      ID: 5,
      namespace: 'shop',
      pod_name: 'web-7d9c8b6f5-x2v4q',
      workloads: [{ name: 'web', kind: 'Deployment' }],
    },
    destination: { namespace: 'shop', pod_name: 'api-7d9c8b6f5-x2v4q' },
    node_name: node,
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
  }
  return { flow, node_name: node, time }
}
const flows = (count: number, agoMs = 0, node = 'n1'): RelayEvent[] =>
  Array.from({ length: count }, () => flowAt(agoMs, node))

async function connections(cluster: string): Promise<number> {
  const [row] = await query<{ sum: string }>(
    `SELECT coalesce(sum(b.connections), 0) AS sum FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id
     JOIN edge e ON e.id = v.edge_id WHERE e.cluster = $1`,
    [cluster],
  )
  return Number(row?.sum)
}
const gaps = (cluster: string) =>
  query<{ node: string; reason: string; seconds: number | null; lost: string | null }>(
    `SELECT node, reason, extract(epoch FROM end_at - at)::float8 AS seconds, lost FROM gap WHERE cluster = $1 ORDER BY at, node`,
    [cluster],
  )
async function statusOf(name: string): Promise<CollectorStatus | undefined> {
  return (await loadCollectors()).find((collector) => collector.name === name)
}

/** Polls the database, whose changes announce themselves to nobody here; the test's own timeout bounds it. */
async function until<T>(read: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read()
    if (isRight(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const untilConnections = (cluster: string, count: number) =>
  until(
    () => connections(cluster),
    (sum) => sum >= count,
  )
const untilStatus = (name: string, isRight: (status: CollectorStatus) => boolean) =>
  until(
    () => statusOf(name),
    (current) => current !== undefined && isRight(current),
  )

describe('a stream', () => {
  it('begins some minutes back, at what the rings hold, and follows', async () => {
    const relay = await startRelay()
    relay.remember(flows(3, 60_000))
    start('follow', relay.address)
    await untilConnections('follow', 3)
    relay.send(...flows(4))
    await untilConnections('follow', 7)
    expect(Date.now() - (relay.requests[0] ?? 0)).toBeGreaterThan(299_000)
    expect(await untilStatus('follow', (current) => current.nodes !== undefined)).toMatchObject({
      state: 'connected',
      detail: 'Following flows (v1.19.2).',
      address: relay.address,
      nodes: { connected: 1, unavailable: 0 },
    })
  })

  it('that breaks over and over loses nothing and counts nothing twice', async () => {
    const relay = await startRelay()
    start('broken', relay.address)
    let sent = 0
    for (let round = 0; round < 25; round += 1) {
      await relay.until(() => relay.openStreams > 0)
      const batch = flows(40 + round, 3)
      sent += batch.length
      relay.send(...batch)
      // Some rounds break while records are on the wire, some while they wait, some when all is stored.
      if (round % 3 === 0) await untilConnections('broken', sent)
      if (round % 5 === 4) {
        relay.stop()
        await relay.start()
      } else if (round % 2 === 0) relay.failStreams(status.UNAVAILABLE, 'transport is closing')
      else relay.failStreams(status.INTERNAL, 'boom')
    }
    await untilConnections('broken', sent)
    relay.send(...flows(1))
    await untilConnections('broken', sent + 1)
    expect(await connections('broken')).toBe(sent + 1)
    expect(relay.requests.length).toBeGreaterThanOrEqual(25)
  })

  it('goes on after a restart of Postern where it was committed', async () => {
    const relay = await startRelay()
    const first = start('restart', relay.address)
    relay.remember(flows(10, 20_000))
    relay.send(...flows(10, 4000))
    await untilConnections('restart', 20)
    await first.stop()
    relay.remember(flows(5))
    start('restart', relay.address)
    await untilConnections('restart', 25)
    relay.send(...flows(1))
    await untilConnections('restart', 26)
    expect(await connections('restart')).toBe(26)
  })

  it('is opened anew before Relay could repeat what is forgotten', async () => {
    const relay = await startRelay()
    start('renew', relay.address, { times: { renewAfterMs: 2000 } })
    await relay.until(() => relay.openStreams > 0)
    // Time runs through 200 s of records; after each step Relay finds its node again and repeats the stream's records.
    for (let step = 0; step < 20; step += 1) {
      relay.send(...flows(5, 200_000 - step * 10_000))
      await untilConnections('renew', 5 * (step + 1))
      relay.replay('n1')
    }
    relay.send(...flows(1))
    await untilConnections('renew', 101)
    expect(await connections('renew')).toBe(101)
    expect(relay.requests.length).toBeGreaterThan(10)
  })

  it('of a node whose clock is fast does not carry the others along', async () => {
    const relay = await startRelay()
    const first = start('fast', relay.address)
    await relay.until(() => relay.openStreams > 0)
    relay.send(...flows(3, -120_000, 'fast'), ...flows(3, 0, 'right'))
    await untilConnections('fast', 6)
    await first.stop()
    relay.remember(flows(4, 0, 'right'))
    start('fast', relay.address)
    await untilConnections('fast', 10)
    relay.send(...flows(1))
    await untilConnections('fast', 11)
    expect(await connections('fast')).toBe(11)
  })
})

describe('what is missing', () => {
  it('lost events and nodes that go are gaps; a node that stays away is not told again at once', async () => {
    const relay = await startRelay()
    const at = iso(Date.now() - 1000)
    relay.greeting = [{ node_status: { state_change: 'NODE_UNAVAILABLE', node_names: ['n2', 'n3'] }, time: at }]
    relay.serverStatus = undefined
    start('gaps', relay.address, { lookBackMinutes: 0 })
    await relay.until(() => relay.openStreams > 0)
    relay.send(
      { lost_events: { source: 'HUBBLE_RING_BUFFER', num_events_lost: '7' }, node_name: 'n1', time: iso(Date.now()) },
      ...flows(1),
    )
    await untilConnections('gaps', 1)
    relay.failStreams(status.UNAVAILABLE, 'gone')
    await relay.until(() => relay.requests.length === 2)
    relay.send(...flows(1))
    await untilConnections('gaps', 2)
    const told = await gaps('gaps')
    expect(told.map(({ node, reason, lost }) => [node, reason, lost])).toEqual(
      expect.arrayContaining([
        ['n1', 'HUBBLE_RING_BUFFER', '7'],
        ['n2', 'NODE_UNAVAILABLE', null],
        ['n3', 'NODE_UNAVAILABLE', null],
      ]),
    )
    expect(told.filter((gap) => gap.node === 'n2')).toHaveLength(1)
  })

  it('a ring that was overwritten while nobody read is a gap from the last record to the first new one', async () => {
    const relay = await startRelay()
    relay.ringSize = 10
    const first = start('ring', relay.address)
    await relay.until(() => relay.openStreams > 0)
    relay.send(...flows(5, 100_000))
    await untilConnections('ring', 5)
    await first.stop()
    relay.remember(flows(30, 40_000))
    start('ring', relay.address)
    await untilConnections('ring', 15)
    const [gap, ...others] = await gaps('ring')
    expect(others).toEqual([])
    expect(gap?.reason).toMatch(/^possibly missed/)
    expect(gap?.seconds).toBeGreaterThan(59)
    expect(gap?.seconds).toBeLessThan(61)
  })

  it('a reconnect that the ring covers is none', async () => {
    const relay = await startRelay()
    const first = start('covered', relay.address)
    await relay.until(() => relay.openStreams > 0)
    relay.send(...flows(5, 100_000))
    await untilConnections('covered', 5)
    await first.stop()
    relay.remember(flows(5, 40_000))
    start('covered', relay.address)
    await untilConnections('covered', 10)
    expect(await gaps('covered')).toEqual([])
  })

  it('a Relay that reaches no node says so, though its stream is open', async () => {
    const relay = await startRelay()
    relay.serverStatus = {
      num_connected_nodes: { value: 0 },
      num_unavailable_nodes: { value: 2 },
      unavailable_nodes: ['n1', 'n2'],
    }
    start('no-nodes', relay.address)
    const current = await untilStatus('no-nodes', ({ state }) => state === 'retrying')
    expect(relay.openStreams).toBe(1)
    expect(current).toMatchObject({ nodes: { connected: 0, unavailable: 2, unavailableNames: ['n1', 'n2'] } })
    expect(current?.detail).toMatch(/none of its 2 nodes/)
    await until(
      () => gaps('no-nodes'),
      (told) => told.length === 2,
    )
  })
})

describe('a database that is away', () => {
  it('stops the reading at the bound; afterwards all is there once', async () => {
    const relay = await startRelay()
    start('away', relay.address, { times: { waitingRecords: 100 } })
    await relay.until(() => relay.openStreams > 0)
    relay.send(...flows(10))
    await untilConnections('away', 10)
    // A door that nobody opens; who knocks is counted.
    const door = createServer((socket) => void socket.destroy()).listen(0, '127.0.0.1')
    await once(door, 'listening')
    await useDatabase(`postgresql://nobody@127.0.0.1:${(door.address() as AddressInfo).port}/none`)
    relay.send(...flows(2000))
    // Relay is held by flow control: what it could hand over stays the same through many attempts to commit.
    for (let before = -1; before !== relay.written; ) {
      before = relay.written
      for (let attempt = 0; attempt < 20; attempt += 1) await once(door, 'connection')
    }
    expect(relay.written).toBeLessThan(1000)
    await useDatabase(database.url)
    door.close()
    await untilConnections('away', 2010)
    relay.send(...flows(1))
    await untilConnections('away', 2011)
    expect(await connections('away')).toBe(2011)
    await untilStatus('away', ({ state }) => state === 'connected')
  })
})

const certificates = path.join(import.meta.dirname, '__fixtures__/tls')
const pem = (name: string): Buffer => readFileSync(path.join(certificates, name))
const file = (name: string): string => path.join(certificates, name)
const serverTls = (isClientWanted: boolean, pair = 'server') =>
  ServerCredentials.createSsl(
    pem('ca.crt'),
    [{ cert_chain: pem(`${pair}.crt`), private_key: pem(`${pair}.key`) }],
    isClientWanted,
  )

describe('TLS', () => {
  it('with a client certificate; a rotated one is taken up without losing a record', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'postern-tls-'))
    const put = async (pair: string) => {
      await copyFile(file(`${pair}.crt`), path.join(folder, 'new.crt'))
      await copyFile(file(`${pair}.key`), path.join(folder, 'new.key'))
      // Between the two the pair does not fit together: it must not be taken up.
      await rename(path.join(folder, 'new.crt'), path.join(folder, 'tls.crt'))
      await rename(path.join(folder, 'new.key'), path.join(folder, 'tls.key'))
    }
    await put('client')
    const relay = await startRelay(serverTls(true))
    const tls = {
      ca: file('ca.crt'),
      cert: path.join(folder, 'tls.crt'),
      key: path.join(folder, 'tls.key'),
      serverName: 'relay.test',
    }
    start('mtls', relay.address, { tls })
    await relay.until(() => relay.openStreams > 0)
    relay.send(...flows(10))
    await untilConnections('mtls', 10)
    await put('client-rotated')
    relay.send(...flows(10))
    await relay.until(() => relay.clients.includes('postern-2'))
    relay.send(...flows(10))
    await untilConnections('mtls', 30)
    expect(await connections('mtls')).toBe(30)
    expect(relay.clients.at(-1)).toBe('postern-2')
    await rm(folder, { recursive: true })
  })

  const trusted = { ca: file('ca.crt'), serverName: 'relay.test' }
  const own = { cert: file('client.crt'), key: file('client.key') }
  it.each<[string, ServerCredentials | undefined, object | undefined, RegExp, RegExp]>([
    [
      'a wrong CA',
      serverTls(false),
      { ...trusted, ca: file('other-ca.crt') },
      /authority that is not trusted/,
      /tls\.ca/,
    ],
    ['no CA', serverTls(false), { serverName: 'relay.test' }, /authority that is not trusted/, /tls\.ca/],
    ['an expired certificate', serverTls(false, 'expired'), trusted, /not valid at this time/, /Renew/],
    ['another name', serverTls(false), { ca: file('ca.crt') }, /for another name/, /serverName/],
    ['a client certificate wanted', serverTls(true), trusted, /wants a client certificate/, /tls\.cert/],
    [
      'a foreign client certificate',
      serverTls(true),
      { ...trusted, cert: file('foreign-client.crt'), key: file('foreign-client.key') },
      /does not accept the client certificate/,
      /signed by the CA/,
    ],
    ['TLS towards a plain server', undefined, { ...trusted, ...own }, /does not speak TLS/, /Take `tls` out/],
    ['plain towards a TLS server', serverTls(false), undefined, /speaks TLS, but the settings do not/, /`tls`/],
    ['a key of another certificate', undefined, { ...own, key: file('server.key') }, /do not fit together/, /own/],
    ['a missing file', undefined, { ca: file('nothing.crt') }, /nothing\.crt cannot be read/, /path/],
  ])('%s is said in words, as lasting', async (name, credentials, tls, message, remedy) => {
    const relay = await startRelay(credentials)
    const key = name.replaceAll(' ', '-')
    start(key, relay.address, { ...(tls && { tls }) })
    const current = await untilStatus(key, ({ state }) => state === 'failed')
    expect(current?.detail).toMatch(message)
    expect(current?.remedy).toMatch(remedy)
  })
})

describe('failures in an operator’s words', () => {
  it.each([
    [status.UNAUTHENTICATED, 'who are you', 'failed', /wants credentials/],
    [status.PERMISSION_DENIED, 'no', 'failed', /does not allow/],
    [status.UNIMPLEMENTED, 'unknown service observer.Observer', 'failed', /is not Hubble Relay/],
    [status.RESOURCE_EXHAUSTED, 'grpc: received message larger than max', 'retrying', /too large/],
    [status.RESOURCE_EXHAUSTED, 'too many streams', 'retrying', /overloaded/],
    [status.UNAVAILABLE, 'too_many_pings', 'retrying', /too many keepalive pings/],
  ])('status %i %s', async (code, details, state, message) => {
    const relay = await startRelay()
    const name = `status-${code}-${details.length}`
    // Only the stream's end matters here.
    const seen: CollectorStatus[] = []
    const run = collectorOf(name, relay.address).run
    await query(
      "INSERT INTO collector (name, kind, source, cluster, status, since, updated_at) VALUES ($1, 'hubble-relay', 'hubble', $1, '{}', now(), now())",
      [name],
    )
    const ending = new AbortController()
    const over = run({ signal: ending.signal, report: (one) => void seen.push(one), now: Date.now }).catch(
      (error: unknown) => error,
    )
    await relay.until(() => relay.openStreams > 0)
    relay.failStreams(code, details)
    expect(await over).toMatchObject({
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/./),
      isLasting: state === 'failed',
    })
  })

  it.each([
    ['refused', '127.0.0.1:1', /connection refused/],
    ['unresolved', 'relay.invalid:80', /cannot be resolved/],
  ])('an address that is %s', async (name, address, message) => {
    start(name, address)
    const current = await untilStatus(name, ({ state }) => state === 'retrying')
    expect(current?.detail).toMatch(message)
    expect(current?.remedy).toBeTruthy()
  })

  it('a connection that died without a word is noticed and given up', async () => {
    const relay = await startRelay()
    relay.isMute = true
    const { run } = collectorOf('mute', relay.address, { times: { statusTimeoutMs: 30 } })
    const context = { signal: new AbortController().signal, report: () => undefined, now: Date.now }
    await expect(run(context)).rejects.toMatchObject({ message: expect.stringMatching(/no longer answers/) })
    await relay.until(() => relay.openStreams === 0)
  })

  it('a Relay without ServerStatus is followed all the same', async () => {
    const relay = await startRelay()
    relay.serverStatus = undefined
    start('no-status', relay.address)
    await relay.until(() => relay.openStreams > 0)
    relay.send(...flows(2))
    await untilConnections('no-status', 2)
    const current = await untilStatus('no-status', ({ state }) => state === 'connected')
    expect(current?.nodes).toBeUndefined()
  })
})
