import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import type { FramedMessage } from '@/lib/sources/syslog/frame-syslog'
import { query, useDatabase } from '@/lib/store/client'
import { groupCommit } from '@/lib/store/group-commit'
import { runStatement } from '@/lib/store/server-admin'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  flowLine,
  makeCertificates,
  octetCounted,
  type RunningSyslog,
  rfc5424,
  startSyslog,
} from './__fixtures__/syslog-rig'
import { serveSyslogConnection } from './syslog-connection'

let database: Awaited<ReturnType<typeof createTestDatabase>>
const running: RunningSyslog[] = []
const PATIENT = { timeout: 20_000, interval: 25 }

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

async function start(...args: Parameters<typeof startSyslog>): Promise<RunningSyslog> {
  const one = await startSyslog(...args)
  running.push(one)
  return one
}
const sum = async (sql: string, cluster: string) =>
  Number((await query<{ sum: string | null }>(sql, [cluster]))[0]?.sum ?? 0)
const accepted = (cluster: string) => sum('SELECT sum(accepted) FROM source_minute WHERE cluster = $1', cluster)
const connections = (cluster: string) =>
  sum(
    `SELECT sum(b.connections) FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id
     JOIN edge e ON e.id = v.edge_id WHERE e.cluster = $1`,
    cluster,
  )
const rejects = (cluster: string) =>
  query<{ source: string; reason: string; count: number }>(
    'SELECT source, reason, sum(count)::int AS count FROM source_reject WHERE cluster = $1 GROUP BY 1, 2 ORDER BY 1, 2',
    [cluster],
  )
const lines = (cluster: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => flowLine(cluster, from + n))

async function send(port: number, text: string): Promise<void> {
  const socket = createConnection(port, '127.0.0.1')
  socket.end(text)
  socket.resume()
  await once(socket, 'close')
}

describe('syslog over TCP', () => {
  it('counts every record once, in both framings and every form of header', async () => {
    const { port } = await start('forms')
    const all = lines('forms', 300)
    const forms = [
      (line: string) => octetCounted(rfc5424(line)),
      (line: string) => `${rfc5424(line)}\n`,
      (line: string) => octetCounted(rfc5424(`\ufeff${line}`)),
      (line: string) => `<134>Nov 24 10:00:00 worker-1 tigera_secure[7]: ${line}\n`,
      (line: string) => `${line}\n`,
    ]
    await send(port, all.map((line, n) => (forms[n % forms.length] ?? String)(line)).join(''))
    await expect.poll(() => accepted('forms'), PATIENT).toBe(300)
    expect(await connections('forms')).toBe(300)
    expect(await rejects('forms')).toEqual([])
  })

  it('commits within about a second of a quiet connection that stays open', async () => {
    const { port } = await start('open')
    const socket = createConnection(port, '127.0.0.1')
    socket.write(octetCounted(rfc5424(flowLine('open', 1))))
    await expect.poll(() => accepted('open'), PATIENT).toBe(1)
    socket.destroy()
  })

  it('refuses alone, with its reason and counted under calico, what is no record', async () => {
    const { port } = await start('bad')
    const cut = rfc5424(flowLine('bad', 1)).slice(0, 200)
    const bad = [
      cut,
      cut,
      rfc5424('user root logged in'),
      rfc5424('{"hello":"world"}'),
      rfc5424(`{"x":"${'y'.repeat(LIMITS.syslogMessageBytes)}"}`),
      rfc5424(`${'['.repeat(100)}{"a":${'['.repeat(100)}`),
    ]
    await send(port, [...bad, rfc5424(flowLine('bad', 2))].map(octetCounted).join(''))
    await expect
      .poll(() => rejects('bad'), PATIENT)
      .toEqual([
        { source: 'calico', reason: 'line_too_long', count: 1 },
        { source: 'calico', reason: 'not_json', count: 4 },
        { source: 'calico', reason: 'unsupported_dialect', count: 1 },
      ])
    expect(await accepted('bad')).toBe(1)
  })

  it('equal garbage that comes again is counted again', async () => {
    const { port } = await start('again')
    for (let n = 0; n < 3; n += 1) await send(port, 'nonsense\n')
    await expect.poll(() => rejects('again'), PATIENT).toEqual([{ source: 'calico', reason: 'not_json', count: 3 }])
  })

  it('gives a sender up whose octet counts lie, and keeps what it sent before', async () => {
    const { port } = await start('liar')
    await send(port, `${octetCounted(rfc5424(flowLine('liar', 1)))}5 <1>abcdefghijk`)
    await expect.poll(() => accepted('liar'), PATIENT).toBe(1)
    await expect.poll(() => rejects('liar'), PATIENT).toEqual([{ source: 'calico', reason: 'not_json', count: 2 }])
  })

  it('says where it listens and whether anybody sends, and why where it cannot listen', async () => {
    const first = await start('says')
    expect(first.statuses.at(-1)).toMatchObject({ state: 'connected', detail: 'No sender is connected.' })
    const healthCheck = createConnection(first.port, '127.0.0.1')
    await once(healthCheck, 'connect')
    const before = first.statuses.length
    healthCheck.destroy()
    await expect.poll(() => first.statuses.length, PATIENT).toBeGreaterThan(before)
    expect(first.statuses.filter((status) => status.detail === 'Senders are connected.')).toEqual([])
    const socket = createConnection(first.port, '127.0.0.1')
    socket.write('x\n')
    await expect.poll(() => first.statuses.at(-1)?.detail, PATIENT).toBe('Senders are connected.')
    socket.destroy()
    await expect.poll(() => first.statuses.at(-1)?.detail, PATIENT).toBe('No sender is connected.')
    await expect(startSyslog('second', undefined, first.port)).rejects.toMatchObject({
      message: `127.0.0.1:${first.port} is taken by another program`,
      isLasting: true,
    })
  })
})

describe('while the database is away', () => {
  it('senders are held back by TCP, memory stays bounded, and afterwards everything counts once', async () => {
    const syslog = await start('outage')
    const name = new URL(database.url).pathname.slice(1)
    const admin = new URL(database.url)
    admin.pathname = '/postgres'
    const socket = createConnection(syslog.port, '127.0.0.1')
    socket.write(octetCounted(rfc5424(flowLine('outage', 0))))
    await expect.poll(() => accepted('outage'), PATIENT).toBe(1)

    await runStatement(admin.href, `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`)
    await runStatement(admin.href, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
    const total = 40_000
    const pieces = Array.from({ length: 40 }, (_, piece) =>
      lines('outage', total / 40, 1 + (piece * total) / 40)
        .map((line) => octetCounted(rfc5424(line)))
        .join(''),
    )
    const sent = Promise.all(
      pieces.map((piece) => new Promise<void>((resolve) => socket.write(piece, () => resolve()))),
    )
    await expect.poll(() => syslog.statuses.at(-1)?.state, PATIENT).toBe('retrying')
    expect(syslog.statuses.at(-1)?.detail).toContain('held back')
    // All but what the two kernels and one batch hold waits at the sender.
    expect(pieces.join('').length).toBeGreaterThan(20_000_000)
    expect(socket.writableLength).toBeGreaterThan(8_000_000)

    await runStatement(admin.href, `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`)
    await sent
    await expect.poll(() => accepted('outage'), { ...PATIENT, timeout: 60_000 }).toBe(total + 1)
    expect(await connections('outage')).toBe(total + 1)
    expect(syslog.statuses.at(-1)?.state).toBe('connected')
    socket.destroy()
  }, 90_000)
})

/** Both ends of one connection, the sender's and the listener's. */
async function connected(): Promise<{ client: Socket; socket: Socket; close(): void }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const client = createConnection(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
  const [socket]: Socket[] = await once(server, 'connection')
  if (!socket) throw new Error('no connection')
  const close = () => {
    client.destroy()
    server.close()
  }
  return { client, socket, close }
}

describe('one connection', () => {
  it('reads nothing while it commits', async () => {
    const { client, socket, close } = await connected()
    let committed = 0
    let readDuringCommit = 0
    const sink = {
      commit: async (messages: readonly FramedMessage[]) => {
        const before = committed + messages.length
        await new Promise((resolve) => setImmediate(resolve))
        committed += messages.length
        readDuringCommit += committed - before
      },
      onAway: () => undefined,
      isAway: () => false,
    }
    client.end('<1>x\n'.repeat(50_000))
    await serveSyslogConnection(socket, sink, new AbortController().signal)
    expect(committed).toBe(50_000)
    expect(readDuringCommit).toBe(0)
    close()
  })

  it('is not read while all ways in together hold as much as they may', async () => {
    const { client, socket, close } = await connected()
    const committed: FramedMessage[] = []
    const sink = {
      commit: async (messages: readonly FramedMessage[]) => void committed.push(...messages),
      onAway: () => undefined,
      isAway: () => false,
    }
    groupCommit().reserve(LIMITS.waitingBytes)
    const served = serveSyslogConnection(socket, sink, new AbortController().signal)
    client.end('<1>x\n'.repeat(5))
    await expect.poll(() => socket.readableLength, PATIENT).toBe(25)
    expect(committed).toEqual([])
    groupCommit().release(LIMITS.waitingBytes)
    await served
    expect(committed).toHaveLength(5)
    // What the connection took is given back.
    groupCommit().reserve(LIMITS.waitingBytes)
    groupCommit().release(LIMITS.waitingBytes)
    close()
  })

  it('is let go when its sender leaves a message unfinished; what came before is committed', async () => {
    const { client, socket, close } = await connected()
    const committed: FramedMessage[] = []
    const sink = {
      commit: async (messages: readonly FramedMessage[]) => void committed.push(...messages),
      onAway: () => undefined,
      isAway: () => false,
    }
    client.write('<1>x\n100000 <1>y')
    await serveSyslogConnection(socket, sink, new AbortController().signal, 1)
    expect(committed[0]).toEqual({ bytes: Buffer.from('<1>x') })
    expect(socket.destroyed).toBe(true)
    close()
  })

  it('is let go too where unfinished messages hold all the room, so that none is left to read their rest', async () => {
    const { client, socket, close } = await connected()
    let open: () => void = () => undefined
    const isOpen = new Promise<void>((resolve) => {
      open = resolve
    })
    const sink = { commit: () => isOpen, onAway: () => undefined, isAway: () => false }
    client.write(`${'<1>x\n'.repeat(2000)}100000 <1>y`)
    const served = serveSyslogConnection(socket, sink, new AbortController().signal, 1)
    // Its commit has begun; the rest of the room is taken by others like it.
    await expect.poll(() => socket.bytesRead, PATIENT).toBe(10_011)
    const others = LIMITS.waitingBytes - 10_011
    groupCommit().reserve(others)
    client.write('y'.repeat(20_000))
    await expect.poll(() => socket.readableLength, PATIENT).toBe(20_000)
    open()
    await served
    groupCommit().release(others)
    // What the connection held is given back.
    groupCommit().reserve(LIMITS.waitingBytes)
    groupCommit().release(LIMITS.waitingBytes)
    close()
  })

  it('commits at shut-down what was read, that which waited behind a commit included', async () => {
    const { client, socket, close } = await connected()
    const committed: FramedMessage[] = []
    let open: () => void = () => undefined
    const isOpen = new Promise<void>((resolve) => {
      open = resolve
    })
    const sink = {
      commit: async (messages: readonly FramedMessage[]) => {
        await isOpen
        committed.push(...messages)
      },
      onAway: () => undefined,
      isAway: () => false,
    }
    const ending = new AbortController()
    const served = serveSyslogConnection(socket, sink, ending.signal)
    client.write('<1>x\n'.repeat(2000))
    // Its commit has begun: what comes now waits in the socket.
    await expect.poll(() => socket.bytesRead, PATIENT).toBe(10_000)
    client.write('<1>y\n'.repeat(5))
    await expect.poll(() => socket.readableLength, PATIENT).toBe(25)
    ending.abort()
    open()
    await served
    expect(committed).toHaveLength(2005)
    close()
  })
})

describe.skipIf(spawnSync('openssl', ['version']).error)('syslog over TLS', () => {
  it('takes records of senders with a certificate of the CA, and of no others', async () => {
    const files = makeCertificates()
    const { port } = await start('tls', { ca: files.ca, cert: files.cert, key: files.key })
    const read = (file: string) => readFileSync(file)
    const trusted = { host: '127.0.0.1', port, ca: read(files.ca) }
    const stranger = connectTls(trusted)
    stranger.on('error', () => undefined)
    stranger.write(octetCounted(rfc5424(flowLine('tls', 1))))
    await new Promise((resolve) => stranger.once('close', resolve))
    const sender = connectTls({ ...trusted, cert: read(files.clientCert), key: read(files.clientKey) })
    sender.resume()
    sender.end(octetCounted(rfc5424(flowLine('tls', 2))))
    await once(sender, 'close')
    await expect.poll(() => accepted('tls'), PATIENT).toBe(1)
  })

  it('does not start without its own certificate, and says which', async () => {
    await expect(startSyslog('no-cert', {})).rejects.toMatchObject({ isLasting: true })
    await expect(startSyslog('gone', { cert: '/nowhere/tls.crt', key: '/nowhere/tls.key' })).rejects.toMatchObject({
      message: '/nowhere/tls.crt cannot be read (ENOENT)',
    })
  })
})
