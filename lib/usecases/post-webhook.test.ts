import { createServer, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { postWebhook, type Resolver } from './post-webhook'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

interface Seen {
  readonly host?: string
  readonly body: string
}

async function listen(answer: Parameters<typeof createServer>[1]): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen.push({ host: request.headers.host, body: Buffer.concat(chunks).toString() })
      answer?.(request, response)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, seen }
}

const LOOSE = { allowLoopback: true, allowPrivate: true }
const post = (url: string, options: Partial<Parameters<typeof postWebhook>[1]> = {}) =>
  postWebhook({ url, headers: { 'content-type': 'application/json' }, body: '{"a":1}' }, { policy: LOOSE, ...options })

/** Answers each call with the next list of addresses, and counts the calls. */
function resolver(...answers: readonly (readonly string[])[]): Resolver & { calls: number } {
  const resolve = Object.assign(
    ((_hostname, _options, callback) => {
      const addresses = answers[Math.min(resolve.calls, answers.length - 1)] ?? []
      resolve.calls += 1
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    }) as Resolver,
    { calls: 0 },
  )
  return resolve
}

describe('postWebhook', () => {
  it('posts the body and tells status, time and the beginning of the answer, cleaned', async () => {
    const { port, seen } = await listen((_request, response) => response.end('  ok\u0000\n\u202efine  '))
    const outcome = await post(`http://127.0.0.1:${port}/x`)
    expect(outcome).toMatchObject({ status: 200, answer: 'ok   fine', isRefused: false })
    expect(seen).toMatchObject([{ body: '{"a":1}' }])
  })

  it('connects to the address that was checked: a name that changes its mind is not asked again', async () => {
    const { port, seen } = await listen((_request, response) => response.end())
    const resolve = resolver(['127.0.0.1'], ['169.254.169.254'])
    expect(await post(`http://rebind.example:${port}/`, { resolve })).toMatchObject({ status: 200 })
    expect([resolve.calls, seen[0]?.host]).toEqual([1, `rebind.example:${port}`])
  })

  it.each([
    [['169.254.169.254'], LOOSE],
    [['203.0.113.1', '169.254.169.254'], LOOSE],
    [['::ffff:169.254.169.254'], LOOSE],
    [['fd00:ec2::254'], LOOSE],
    [['127.0.0.1'], { allowLoopback: false, allowPrivate: true }],
    [['10.0.0.1'], { allowLoopback: true, allowPrivate: false }],
  ])('refuses a name of the addresses %j where the policy is %j', async (addresses, policy) => {
    const { port, seen } = await listen((_request, response) => response.end())
    const outcome = await post(`http://evil.example:${port}/`, { resolve: resolver(addresses), policy })
    expect(outcome).toMatchObject({ isRefused: true })
    expect(outcome).not.toHaveProperty('status')
    expect(seen).toEqual([])
  })

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00:ec2::254]/',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
    'http://0xA9.254.43518/',
    'http://0.0.0.0/',
    'ftp://203.0.113.1/',
    'file:///etc/passwd',
  ])('refuses the literal %s, in whatever spelling', async (url) => {
    const resolve = resolver(['127.0.0.1'])
    expect(await post(url, { resolve })).toMatchObject({ isRefused: true })
    expect(resolve.calls).toBe(0)
  })

  it('refuses loopback literals where they are not allowed', async () => {
    const { port, seen } = await listen((_request, response) => response.end())
    const policy = { allowLoopback: false, allowPrivate: true }
    for (const host of ['127.0.0.1', '127.1', 'localhost', '0x7f000001'])
      expect(await post(`http://${host}:${port}/`, { policy })).toMatchObject({ isRefused: true })
    expect(seen).toEqual([])
  })

  it('follows no redirect', async () => {
    const target = await listen((_request, response) => response.end())
    const { port } = await listen((_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${target.port}/` }).end(),
    )
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 307 })
    expect(target.seen).toEqual([])
  })

  it('gives up on who does not answer, and on who answers without end', async () => {
    const silent = await listen(() => undefined)
    expect(await post(`http://127.0.0.1:${silent.port}/`, { timeoutMs: 100 })).toMatchObject({
      answer: 'no answer within 10 s',
      isRefused: false,
    })
    let written = 0
    const endless = await listen((_request, response) => {
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) written += 16_384
      }
      response.on('drain', pour)
      pour()
    })
    const outcome = await post(`http://127.0.0.1:${endless.port}/`)
    expect(outcome.status).toBe(200)
    expect([...outcome.answer]).toHaveLength(LIMITS.webhookAnswerChars)
    expect(written).toBeLessThan(64 * LIMITS.webhookAnswerBytes)
  })

  it('tells why there was no answer without telling the address', async () => {
    const gone = await listen(() => undefined)
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
    const outcome = await post(`http://127.0.0.1:${gone.port}/services/SECRET`)
    expect(outcome.answer).toBe('nobody listens there (connection refused)')
    const hangUp = await listen((request) => request.socket.destroy())
    expect((await post(`http://127.0.0.1:${hangUp.port}/services/SECRET`)).answer).not.toContain('SECRET')
    const echo = await listen((request, response) => response.end(`no hook at ${request.url}`))
    expect((await post(`http://127.0.0.1:${echo.port}/services/SECRET?k=v`)).answer).toBe('no hook at …')
  })

  it('tells what Retry-After says', async () => {
    const { port } = await listen((_request, response) => response.writeHead(429, { 'retry-after': '30' }).end())
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 429, retryAfter: '30' })
  })
})
