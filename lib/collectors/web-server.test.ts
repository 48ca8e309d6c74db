import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { serveWeb, type WebHandler, type WebServer } from './web-server'

let server: WebServer | undefined
afterEach(async () => {
  await server?.stop()
  server = undefined
})
const serve = async (handler: WebHandler): Promise<number> => {
  server = await serveWeb('127.0.0.1', 0, handler)
  return server.port
}

/** Writes raw HTTP and answers all that comes back. */
const raw = async (port: number, written: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.write(written)
  return text(socket)
}

describe('the server before handlers', () => {
  it('hands on method, headers and body, and a path as it stands, whatever it begins with', async () => {
    const seen: string[] = []
    const port = await serve(async (request) => {
      seen.push(
        `${request.method} ${new URL(request.url).pathname} ${request.headers.get('host')} ${await request.text()}`,
      )
      return new Response('yes', { status: 202, headers: { 'content-type': 'text/plain' } })
    })
    const head = 'HTTP/1.1\r\nhost: localhost:4318\r\nconnection: close\r\n'
    for (const target of ['//v1/traces', 'http://elsewhere.example/v1/traces', '/a?b=1'])
      expect(await raw(port, `POST ${target} ${head}content-length: 2\r\n\r\nhi`)).toMatch(/^HTTP\/1.1 202[\s\S]*yes$/)
    expect(await raw(port, `GET /g ${head}\r\n`)).toMatch(/^HTTP\/1.1 202/)
    expect(seen).toEqual([
      'POST //v1/traces localhost:4318 hi',
      'POST /v1/traces localhost:4318 hi',
      'POST /a localhost:4318 hi',
      'GET /g localhost:4318 ',
    ])
  })

  it('one connection serves many requests', async () => {
    const port = await serve(async (request) => new Response(await request.text()))
    const one = (body: string, last = '') =>
      `POST / HTTP/1.1\r\nhost: localhost\r\n${last}transfer-encoding: chunked\r\n\r\n1\r\n${body}\r\n0\r\n\r\n`
    expect(await raw(port, one('a') + one('b', 'connection: close\r\n'))).toMatch(/\r\n\r\na[\s\S]*\r\n\r\nb$/)
  })

  it('a sender that is refused before it wrote all reads the refusal all the same', async () => {
    const port = await serve(async () => new Response('too large', { status: 413 }))
    const socket = connect(port, '127.0.0.1').pause()
    socket.write(`POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${8 << 20}\r\n\r\n`)
    // Reads nothing before everything is written, as simple clients do.
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.write(Buffer.alloc(8 << 20), (error) => (error ? reject(error) : resolve()))
    })
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1.1 413[\s\S]*connection: close[\s\S]*too large$/i)
  })

  it('a client that goes away in the middle ends its request and nothing else', async () => {
    let broken: (error: unknown) => void = () => undefined
    const seen = new Promise<unknown>((resolve) => {
      broken = resolve
    })
    const port = await serve(async (request) => {
      try {
        return new Response(await request.text())
      } catch (error) {
        broken(error)
        throw error
      }
    })
    const socket = connect(port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf', () => socket.destroy())
    expect(await seen).toBeInstanceOf(Error)
    const answer = await raw(
      port,
      'POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok',
    )
    expect(answer).toMatch(/ok$/)
  })

  it('what is no HTTP/1.1 (a gRPC client) is answered and let go', async () => {
    const port = await serve(async () => new Response('never'))
    expect(await raw(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1.1 400/)
  })

  it('a stop lets what is under way end, and takes nothing more', async () => {
    let finish: () => void = () => undefined
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    let entered: () => void = () => undefined
    const hasEntered = new Promise<void>((resolve) => {
      entered = resolve
    })
    const port = await serve(async () => {
      entered()
      await finished
      return new Response('done')
    })
    const answer = raw(port, 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await hasEntered
    const stopped = server?.stop()
    await expect(raw(port, 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')).rejects.toThrow('ECONNREFUSED')
    finish()
    expect(await answer).toMatch(/connection: close[\s\S]*done$/i)
    await stopped
  })
})
