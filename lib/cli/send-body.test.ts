import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { ImportOptions } from './import-options'
import { addressOf, sendBody } from './send-body'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

interface Heard {
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server on a free port that answers with these, one after the other, the last one for good. */
async function serve(
  answers: readonly ((response: ServerResponse) => void)[],
): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    heard.push({ url: request.url, headers: request.headers, body })
    answers[Math.min(heard.length, answers.length) - 1]?.(response)
  }).listen(0, '127.0.0.1')
  closing.push(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, heard }
}

const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
const STORED = {
  accepted: 2,
  duplicates: 1,
  ignored: { node_status: 1 },
  rejected: 0,
  rejects: [],
  repeatedBatch: false,
}
const options = (url: string, more: Partial<ImportOptions> = {}): ImportOptions => ({
  paths: [],
  url,
  dataset: '',
  ...more,
})
const bytes = Buffer.from('{"a":1}\n')

describe('a body', () => {
  it('goes to the path of its format, with cluster and token, and its answer is read', async () => {
    const { url, heard } = await serve([answer(200, STORED)])
    const sent = await sendBody(bytes, 'hubble', options(url, { cluster: 'prod', token: 'secret', dataset: 'old' }))
    expect(sent).toEqual({ result: STORED })
    expect(heard[0]).toMatchObject({ url: '/api/ingest/hubble?dataset=old', body: '{"a":1}\n' })
    expect(heard[0]?.headers).toMatchObject({ 'x-postern-cluster': 'prod', authorization: 'Bearer secret' })
  })

  it('is sent again where the server asks to come back, the same each time', async () => {
    const away = answer(503, { detail: 'the database is away' }, { 'retry-after': '0' })
    const { url, heard } = await serve([away, answer(429, '', { 'retry-after': '0' }), answer(200, STORED)])
    expect(await sendBody(bytes, 'hubble', options(url))).toEqual({ result: STORED })
    expect(heard.map((one) => one.body)).toEqual(['{"a":1}\n', '{"a":1}\n', '{"a":1}\n'])
  })

  it('that is refused is not sent again, and the words of the answer are told', async () => {
    const { url, heard } = await serve([answer(404, { detail: 'unknown NAT format', hint: 'Known: conntrack' })])
    expect(await sendBody(bytes, 'nat/aws-vpc', options(url))).toEqual({
      problem: 'unknown NAT format. Known: conntrack (404)',
      isFinal: false,
    })
    expect(heard).toHaveLength(1)
  })

  it('into a dataset that is being deleted ends the import', async () => {
    const { url, heard } = await serve([answer(409, { detail: 'the dataset old is being deleted' })])
    expect(await sendBody(bytes, 'hubble', options(url))).toEqual({
      problem: 'the dataset old is being deleted (409)',
      isFinal: true,
    })
    expect(heard).toHaveLength(1)
  })

  it('refused for its token, or answered by something else than Postern, ends the import', async () => {
    const refused = await serve([answer(401, { detail: 'a valid token is needed' })])
    expect(await sendBody(bytes, 'hubble', options(refused.url))).toMatchObject({
      problem: expect.stringContaining('POSTERN_TOKEN'),
      isFinal: true,
    })
    const stranger = await serve([answer(200, '<html>')])
    expect(await sendBody(bytes, 'hubble', options(stranger.url))).toMatchObject({ isFinal: true })
    const redirect = await serve([answer(302, '', { location: 'https://elsewhere.example' })])
    expect(await sendBody(bytes, 'hubble', options(redirect.url, { token: 'secret' }))).toMatchObject({
      problem: 'the server answered 302',
    })
  })

  it('for a server that is not there is given up in the end', async () => {
    const { url } = await serve([])
    closing.pop()?.()
    expect(await sendBody(bytes, 'hubble', options('http://127.0.0.1:1'), 0)).toMatchObject({ isFinal: true })
    expect(url).toContain('127.0.0.1')
  })

  it('of OTLP is told by its partial success', async () => {
    const { url, heard } = await serve([
      answer(200, { partialSuccess: { rejectedSpans: '3', errorMessage: 'bad ids' } }),
      answer(200, {}),
    ])
    expect(await sendBody(bytes, 'otlp/traces', options(url))).toMatchObject({
      result: { rejected: 3, rejects: [{ count: 3, hint: 'bad ids' }] },
    })
    expect(await sendBody(bytes, 'otlp/traces', options(url))).toMatchObject({ result: { rejected: 0 } })
    expect(heard[0]?.url).toBe('/v1/traces')
  })

  it('of a NAT format names its hop, and columns only for AWS', () => {
    const all = options('http://x', { hop: 'nat gw', fields: 'srcaddr dstaddr' })
    expect(addressOf('nat/conntrack', all)).toBe('http://x/api/ingest/nat/conntrack?hop=nat+gw')
    expect(addressOf('nat/aws-vpc', all)).toBe('http://x/api/ingest/nat/aws-vpc?hop=nat+gw&fields=srcaddr+dstaddr')
    expect(addressOf('hubble', all)).toBe('http://x/api/ingest/hubble')
  })
})
