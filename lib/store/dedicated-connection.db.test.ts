import net from 'node:net'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { useDatabase } from './client'
import { openDedicated } from './dedicated-connection'
import { holdDuty } from './hold-duty'
import { createTestDatabase } from './test-database'

/** A way to the database that can swallow everything without a word, as a network does that lost its other side. */
class Network {
  private readonly sockets = new Set<net.Socket>()
  private readonly server: net.Server
  private isSilent = false

  constructor(private readonly target: URL) {
    this.server = net.createServer((near) => {
      const folder = this.target.searchParams.get('host')
      const port = this.target.port || '5432'
      const far = folder
        ? net.connect(`${folder}/.s.PGSQL.${port}`)
        : net.connect(Number(port), this.target.hostname || '127.0.0.1')
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(from)
        from.on('error', () => undefined)
        from.on('data', (chunk) => !this.isSilent && to.write(chunk))
        from.on('close', () => !this.isSilent && to.destroy())
      }
    })
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    const address = this.server.address()
    const url = new URL(this.target)
    url.searchParams.delete('host')
    url.hostname = '127.0.0.1'
    url.port = String(typeof address === 'object' && address ? address.port : 0)
    return url.href
  }

  silence(): void {
    this.isSilent = true
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }
}

let database: Awaited<ReturnType<typeof createTestDatabase>>
let network: Network

beforeAll(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  await useDatabase(undefined)
  network.close()
})
afterAll(() => database.drop())

async function throughNetwork(): Promise<void> {
  network = new Network(new URL(database.url))
  await useDatabase(await network.open())
}

const backends = async (name: string): Promise<number> => {
  const admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
  const { rows } = await admin.query(
    'SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()',
    [name],
  )
  await admin.end()
  return rows[0].n
}

describe('a connection held for long', () => {
  it('ends where the network swallows it, though nothing closes it', async () => {
    await throughNetwork()
    const client = await openDedicated('postern-test-silent')
    const ended = new Promise((resolve) => client.once('end', resolve))
    network.silence()
    await ended
  })

  it('has the server look whether its client lives', async () => {
    await throughNetwork()
    const client = await openDedicated('postern-test-keepalive')
    const { rows } = await client.query(`SELECT current_setting('tcp_keepalives_idle') AS idle,
      (SELECT inet_server_port()) IS NULL AS "isLocal"`)
    // A socket file has no keepalive and needs none: its other side ends with the process.
    expect(rows[0].idle).toBe(rows[0].isLocal ? '0' : '10')
    await client.end()
    expect(await backends('postern-test-keepalive')).toBe(0)
  })
})

describe('a duty', () => {
  it('is given up where its connection is swallowed: the other replica may hold it by then', async () => {
    await throughNetwork()
    const stop = new AbortController()
    let begun = (): void => undefined
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    let isAborted = false
    const duty = holdDuty(
      'test of a silent network',
      stop.signal,
      () => undefined,
      (signal) =>
        new Promise((resolve) => {
          begun()
          signal.addEventListener('abort', () => {
            isAborted = true
            stop.abort()
            resolve()
          })
        }),
    )
    await hasBegun
    network.silence()
    await duty
    expect(isAborted).toBe(true)
  })
})
