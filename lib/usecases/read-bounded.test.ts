import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { readBounded } from './read-bounded'

async function* body(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks
}
async function read(chunks: Iterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  for await (const piece of readBounded(body(chunks))) pieces.push(piece)
  return pieces
}

describe('the pieces of a body', () => {
  it('are its bytes, however it is cut, and few, however small its chunks are', async () => {
    const sizes = fc.array(fc.oneof(fc.nat(3), fc.nat(100_000)), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        const chunks = lengths.map((length, n) => Buffer.alloc(length, n + 1))
        const pieces = await read(chunks)
        expect(Buffer.concat(pieces).equals(Buffer.concat(chunks))).toBe(true)
        for (const piece of pieces.slice(0, -1)) expect(piece.byteLength).toBeGreaterThanOrEqual(64 * 1024)
      }),
      { numRuns: 60 },
    )
  })

  it('end with the chunk that goes beyond the limit', async () => {
    const half = Buffer.alloc(LIMITS.bodyBytes / 2)
    expect(await read([half, half])).toHaveLength(2)
    await expect(read([half, half, Buffer.alloc(1)])).rejects.toMatchObject({ code: 'too_large' })
  })
})
