import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { ClientStream, type DirectSink } from './client-stream'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function open(sink?: DirectSink) {
  const state = { snapshot: bytes('snapshot'), isStopped: false, ends: 0 }
  let tell = (_event: Uint8Array): void => undefined
  const stream = new ClientStream(
    (listener) => {
      tell = listener
      return {
        snapshot: () => state.snapshot,
        stop: () => {
          state.isStopped = true
        },
      }
    },
    () => {
      state.ends += 1
    },
    sink,
  )
  const reader = stream.body.getReader()
  const read = async (): Promise<Uint8Array | undefined> => (await reader.read()).value
  const readText = async (): Promise<string> => new TextDecoder().decode(await read())
  return { state, stream, reader, read, readText, tell: (event: Uint8Array) => tell(event) }
}

describe('the stream of one client', () => {
  it('says first when to come back, not for all clients alike, then hands on the very bytes of each event', async () => {
    const waits = new Set<string>()
    for (let index = 0; index < 20; index += 1) waits.add(await open().readText())
    expect(waits.size).toBeGreaterThan(1)
    for (const wait of waits) expect(wait).toMatch(/^retry: [12]\d{3}\n\n$/)
    const { read, tell } = open()
    await read()
    const event = bytes('one')
    tell(event)
    expect(await read()).toBe(event)
  })

  it('queues a bounded number of bytes for a client that does not read, and goes on from a fresh snapshot once it does', async () => {
    const { state, read, readText, tell } = open()
    await read()
    const event = new Uint8Array(LIMITS.streamWaitingBytes / 4)
    for (let index = 0; index < 1000; index += 1) tell(event)
    state.snapshot = bytes('as it is now')
    for (let index = 0; index < 4; index += 1) expect(await read()).toBe(event)
    expect(await readText()).toBe('as it is now')
    tell(bytes('next'))
    expect(await readText()).toBe('next')
  })

  it('sends nothing between what a slow client missed and its snapshot, even if it would fit', async () => {
    const { read, readText, tell } = open()
    await read()
    const event = new Uint8Array(LIMITS.streamWaitingBytes * 0.75)
    tell(event)
    tell(event)
    tell(bytes('small'))
    expect(await read()).toBe(event)
    expect(await readText()).toBe('snapshot')
  })

  it('lets an event through that is larger than the bound, to a client that keeps up', async () => {
    const { read, tell } = open()
    await read()
    const event = new Uint8Array(LIMITS.streamWaitingBytes * 2)
    tell(event)
    tell(bytes('refused'))
    expect(await read()).toBe(event)
  })

  it('is ended where the client takes nothing for a minute', async () => {
    const { state, read, tell } = open()
    await read()
    const event = new Uint8Array(LIMITS.streamWaitingBytes)
    tell(event)
    tell(event)
    await vi.advanceTimersByTimeAsync(59_000)
    expect(state.ends).toBe(0)
    await vi.advanceTimersByTimeAsync(1000)
    expect(state).toMatchObject({ ends: 1, isStopped: true })
    tell(event)
    expect(await read()).toBe(event)
    expect(await read()).toBeUndefined()
  })

  it('pings after 15 s without an event, and only then', async () => {
    const { read, readText, tell } = open()
    await read()
    await vi.advanceTimersByTimeAsync(14_000)
    tell(bytes('event'))
    await vi.advanceTimersByTimeAsync(14_000)
    tell(bytes('last'))
    await vi.advanceTimersByTimeAsync(15_000)
    expect([await readText(), await readText(), await readText()]).toEqual(['event', 'last', ': ping\n\n'])
  })

  it('stops the watch once, whether the client leaves or the server ends it', async () => {
    const left = open()
    await left.reader.cancel()
    left.stream.end()
    expect(left.state).toMatchObject({ ends: 1, isStopped: true })
    const ended = open()
    ended.stream.end()
    ended.stream.end()
    expect(ended.state).toMatchObject({ ends: 1, isStopped: true })
    expect(vi.getTimerCount()).toBe(0)
  })
})

/** A response of Node whose client takes what waits when it is told to. */
class Sink {
  headersSent = false
  written: Uint8Array[] = []
  writableLength = 0
  private onDrain = (): void => undefined

  write(chunk: Uint8Array): boolean {
    this.written.push(chunk)
    this.writableLength += chunk.byteLength
    return false
  }

  on(_event: 'drain', listener: () => void): void {
    this.onDrain = listener
  }

  drain(): void {
    this.writableLength = 0
    this.onDrain()
  }
}

describe('a stream with a direct sink', () => {
  /** As a server does: it takes the first bytes, sends the header with them, and asks for more. */
  async function begun() {
    const sink = new Sink()
    const client = open(sink)
    expect(await client.readText()).toMatch(/^retry: /)
    sink.headersSent = true
    const next = client.read()
    await vi.advanceTimersByTimeAsync(0)
    return { sink, next, ...client }
  }

  it('hands the sink the very bytes of each event once the header is out, and the body nothing but its end', async () => {
    const { sink, next, tell, stream } = await begun()
    const event = bytes('one')
    tell(event)
    expect(sink.written[0]).toBe(event)
    stream.end()
    expect(await next).toBeUndefined()
    tell(bytes('after'))
    expect(sink.written).toHaveLength(1)
  })

  it('bounds what waits in it, and goes on from a snapshot when it has drained', async () => {
    const { sink, tell, state } = await begun()
    const event = new Uint8Array(LIMITS.streamWaitingBytes / 4)
    for (let index = 0; index < 1000; index += 1) tell(event)
    expect(sink.written).toHaveLength(4)
    sink.drain()
    expect(sink.written[4]).toBe(state.snapshot)
    tell(event)
    expect(sink.written[5]).toBe(event)
  })

  it('leaves the events to the body where the header does not go out', async () => {
    const sink = new Sink()
    const { read, readText, tell } = open(sink)
    await read()
    await vi.advanceTimersByTimeAsync(2000)
    tell(bytes('one'))
    expect(await readText()).toBe('one')
    sink.headersSent = true
    tell(bytes('two'))
    expect(await readText()).toBe('two')
    expect(sink.written).toEqual([])
  })
})
