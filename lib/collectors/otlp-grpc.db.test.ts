import { connect, constants } from 'node:http2'
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { encodeTracesProtobuf } from '@/lib/sources/otlp/encode'
import { query, useDatabase } from '@/lib/store/client'
import { groupCommit } from '@/lib/store/group-commit'
import { createTestDatabase } from '@/lib/store/test-database'
import { createApiToken } from '@/lib/usecases/api-tokens'
import { otlpGrpcListener } from './otlp-grpc'
import { otlpHttpListener } from './otlp-http'
import { startListener } from './test-listener'

const settings = vi.hoisted(() => ({ adminToken: undefined as string | undefined }))
vi.mock('@/lib/env', async (load) => {
  const real = await load<typeof import('@/lib/env')>()
  return { ...real, env: () => ({ ...real.env(), POSTERN_ADMIN_TOKEN: settings.adminToken }) }
})

const ANY = { host: '127.0.0.1', port: 0 }
const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
let database: Awaited<ReturnType<typeof createTestDatabase>>
let listener: Awaited<ReturnType<typeof startListener>>
let client: Client

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  listener = await startListener(otlpGrpcListener(ANY))
})
afterAll(async () => {
  await listener.stop()
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  client = new Client(`127.0.0.1:${listener.port}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
  })
  await query('TRUNCATE ingest_batch, span, source_minute, source_reject')
})
afterEach(async () => {
  settings.adminToken = undefined
  client.close()
  await useDatabase(database.url)
})

interface Answer {
  readonly code: status
  readonly body?: Buffer
  readonly details?: string
  readonly retryInfo: boolean
}

const asIs = (bytes: Buffer): Buffer => bytes
function call(
  body: Uint8Array,
  { headers = {}, path = EXPORT, deadlineMs = 10_000, through = client } = {},
): Promise<Answer> {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, String(value))
  return new Promise((resolve) => {
    through.makeUnaryRequest(
      path,
      asIs,
      asIs,
      Buffer.from(body),
      metadata,
      { deadline: Date.now() + deadlineMs },
      (error: ServiceError | null, answer?: Buffer) => {
        const extra = error?.metadata.get('grpc-status-details-bin')[0]
        resolve({
          code: error?.code ?? status.OK,
          retryInfo: extra?.toString('latin1').includes('google.rpc.RetryInfo') ?? false,
          ...(error && { details: error.details }),
          ...(answer && { body: answer }),
        })
      },
    )
  })
}

const traces = (spanId = '1'.repeat(16), text = 'POST'): Uint8Array => {
  const startNs = BigInt(Date.now() - 1000) * 1_000_000n
  const attributes = { 'server.address': 'api.openai.com', 'server.port': 443 }
  const span = { traceId: 'a'.repeat(32), spanId, name: text, kind: 3, startNs, endNs: startNs + 5n, attributes }
  return encodeTracesProtobuf([{ resource: { 'service.name': 'agent' }, scope: { name: 't' }, spans: [span] }])
}
const stored = async () => (await query<{ count: number }>('SELECT count(*)::int AS count FROM span'))[0]?.count

describe('OTLP/gRPC', () => {
  it('success is an empty response after COMMIT, and a message that comes twice counts once', async () => {
    for (let time = 0; time < 2; time += 1) {
      expect(await call(traces())).toEqual({ code: status.OK, body: Buffer.alloc(0), retryInfo: false })
      expect(await stored()).toBe(1)
    }
  })

  it('bad spans are partial success; bytes that are no protobuf are INVALID_ARGUMENT', async () => {
    const partial = await call(traces('0'.repeat(16)))
    expect(partial.code).toBe(status.OK)
    expect(partial.body?.toString('utf8')).toContain('the span id is all zero')
    expect(await call(Buffer.from('hello'))).toMatchObject({ code: status.INVALID_ARGUMENT, retryInfo: false })
  })

  it('while the database is away the answer comes at once: UNAVAILABLE, with when to come again', async () => {
    await useDatabase('postgresql://nobody@127.0.0.1:1/none')
    expect(await call(traces())).toMatchObject({ code: status.UNAVAILABLE, retryInfo: true })
  })

  it('while too much waits for its commit it is UNAVAILABLE too, and nothing of it stays reserved', async () => {
    groupCommit().reserve(LIMITS.waitingBytes)
    expect(await call(traces())).toMatchObject({ code: status.UNAVAILABLE, retryInfo: true })
    groupCommit().release(LIMITS.waitingBytes)
    expect(await call(traces())).toMatchObject({ code: status.OK })
    groupCommit().reserve(LIMITS.waitingBytes)
    groupCommit().release(LIMITS.waitingBytes)
  })

  it('a database that does not answer is UNAVAILABLE before the sender’s deadline, not after it', async () => {
    const lock = new pg.Client(database.url)
    await lock.connect()
    await lock.query('BEGIN; LOCK TABLE span IN ACCESS EXCLUSIVE MODE')
    const answer = await call(traces('2'.repeat(16)), { deadlineMs: 1500 })
    await lock.end()
    expect(answer).toMatchObject({ code: status.UNAVAILABLE, retryInfo: true })
  })

  it('messages may have 64 MiB; more is RESOURCE_EXHAUSTED without a RetryInfo, so that it is dropped', async () => {
    expect(await call(traces('3'.repeat(16), 'x'.repeat(30 * 1024 * 1024)))).toMatchObject({ code: status.OK })
    const tooLarge = await call(Buffer.alloc(LIMITS.otlpBodyBytes + 1))
    expect(tooLarge).toMatchObject({ code: status.RESOURCE_EXHAUSTED, retryInfo: false })
  })

  it('with sign-in: no token, a wrong scope and a right one; the token’s cluster counts', async () => {
    settings.adminToken = 'an-admin-token-of-this-test-0123456789'
    const [reader, sender] = await Promise.all([
      createApiToken({ name: 'r', scopes: ['read'] }, Date.now()),
      createApiToken({ name: 's', scopes: ['ingest'], cluster: 'edge' }, Date.now()),
    ])
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
    expect(await call(traces())).toMatchObject({ code: status.UNAUTHENTICATED, retryInfo: false })
    expect(await call(traces(), bearer(reader.token))).toMatchObject({ code: status.PERMISSION_DENIED })
    expect(await stored()).toBe(0)
    expect(await call(traces(), bearer(sender.token))).toMatchObject({ code: status.OK })
    expect(await query('SELECT DISTINCT cluster FROM source_minute')).toEqual([{ cluster: 'edge' }])
  })

  it('without sign-in a foreign :authority is refused, and x-postern-cluster names the cluster', async () => {
    const foreign = new Client(`127.0.0.1:${listener.port}`, credentials.createInsecure(), {
      'grpc.default_authority': 'attacker.example',
    })
    expect(await call(traces(), { through: foreign })).toMatchObject({ code: status.PERMISSION_DENIED })
    foreign.close()
    expect(await call(traces(), { headers: { 'x-postern-cluster': 'lab' } })).toMatchObject({ code: status.OK })
    expect(await query('SELECT DISTINCT cluster FROM source_minute')).toEqual([{ cluster: 'lab' }])
  })

  it('senders that begin and never end hold their slots and no more; when they go, the slots are free again', async () => {
    const session = connect(`http://127.0.0.1:${listener.port}`)
    const headers = { ':method': 'POST', ':path': EXPORT, 'content-type': 'application/grpc', te: 'trailers' }
    // Five bytes say the length of a message: one of which nothing came, and one that is there, of a call that goes on.
    for (const begun of [Buffer.of(0, 0, 0, 1, 0), Buffer.of(0, 0, 0, 0, 0)]) {
      const streams = Array.from({ length: LIMITS.otlpReceiving }, () => session.request(headers, { endStream: false }))
      for (const stream of streams) stream.on('error', () => undefined).write(begun)
      const refused = await call(traces())
      expect(refused).toMatchObject({ code: status.UNAVAILABLE, retryInfo: true })
      expect(refused.details).toContain('limit otlpReceiving')
      for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL)
    }
    expect(await call(traces())).toMatchObject({ code: status.OK })
    session.close()
  })

  it('one connection may not hold calls without bound', async () => {
    const session = connect(`http://127.0.0.1:${listener.port}`)
    await new Promise((resolve) => session.once('remoteSettings', resolve))
    expect(session.remoteSettings.maxConcurrentStreams).toBe(LIMITS.otlpStreams)
    session.destroy()
  })

  it('signals that are not read are UNIMPLEMENTED', async () => {
    const path = '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export'
    expect(await call(traces(), { path })).toMatchObject({ code: status.UNIMPLEMENTED })
  })
})

describe('a port in use', () => {
  it.each([
    ['gRPC', otlpGrpcListener, 'POSTERN_OTLP_GRPC_PORT'],
    ['HTTP', otlpHttpListener, 'POSTERN_OTLP_HTTP_PORT'],
  ])('%s: fails in words, and says which variable names another', async (_name, create, variable) => {
    await expect(startListener(create({ ...ANY, port: listener.port }))).rejects.toMatchObject({
      isLasting: true,
      message: `another collector listens on 127.0.0.1:${listener.port}`,
      remedy: expect.stringContaining(variable),
    })
  })
})
