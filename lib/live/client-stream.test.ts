import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { ClientStream } from './client-stream'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function open() {
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
