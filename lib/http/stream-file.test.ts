import { expect, it, vi } from 'vitest'
import { streamFile } from './stream-file'

vi.mock('@/lib/observability/logger', () => ({ logger: () => ({ error: () => undefined }) }))

/** A file of so many pieces that notes what is asked of it. */
function pieces(count: number, failAt = Number.POSITIVE_INFINITY) {
  const seen = { asked: 0, stopped: 0 }
  return {
    seen,
    maker: {
      async next() {
        seen.asked += 1
        if (seen.asked > failAt) throw new Error('away')
        return seen.asked > count ? undefined : `${seen.asked};`
      },
      stop: () => {
        seen.stopped += 1
      },
    },
  }
}

it('a file has every piece in order, and is not stopped at its end', async () => {
  const { maker, seen } = pieces(50)
  const text = await new Response(streamFile('t', maker)).text()
  expect(text).toBe(Array.from({ length: 50 }, (_, n) => `${n + 1};`).join(''))
  expect(seen).toEqual({ asked: 51, stopped: 0 })
})

it('no more is made than a reader takes, and a piece ahead', async () => {
  const { maker, seen } = pieces(1000)
  const reader = streamFile('t', maker).getReader()
  for (let n = 0; n < 3; n += 1) await reader.read()
  await vi.waitFor(() => expect(seen.asked).toBeGreaterThanOrEqual(3))
  expect(seen.asked).toBeLessThanOrEqual(4)
  await reader.cancel()
})

it('a reader that leaves stops the making, once', async () => {
  const { maker, seen } = pieces(1000)
  const reader = streamFile('t', maker).getReader()
  await reader.read()
  await reader.cancel()
  const { asked } = seen
  expect(seen.stopped).toBe(1)
  await new Promise((resolve) => setImmediate(resolve))
  expect(seen.asked).toBe(asked)
})

it('a file that cannot be made to its end breaks off, and never ends', async () => {
  const { maker, seen } = pieces(1000, 3)
  await expect(new Response(streamFile('t', maker)).text()).rejects.toThrow('away')
  expect(seen.stopped).toBe(1)
})

it('a reader that takes nothing for a minute is given up', async () => {
  vi.useFakeTimers()
  try {
    const { maker, seen } = pieces(1000)
    const reader = streamFile('t', maker).getReader()
    await reader.read()
    await vi.advanceTimersByTimeAsync(61_000)
    expect(seen.stopped).toBe(1)
    await expect(reader.read().then(() => reader.read())).rejects.toThrow('takes nothing')
  } finally {
    vi.useRealTimers()
  }
})
