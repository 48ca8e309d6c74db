import 'server-only'
import { AppError } from '@/lib/errors'
import { LIMITS } from '@/lib/model/limits'

/** Size of a piece: what reads pieces may copy what is left of the one before. */
const PIECE_BYTES = 64 * 1024
const FIRST_BYTES = 4096

/**
 * A body in pieces of at least 64 KiB, but for the last, up to `limit` bytes in all; the chunk that goes beyond is a `too_large`,
 * so a bomb ends early. However small the chunks are that a sender cuts it into, reading it costs the same.
 */
export async function* readBounded(
  body: AsyncIterable<Uint8Array>,
  limit: 'bodyBytes' | 'otlpBodyBytes' = 'bodyBytes',
): AsyncGenerator<Uint8Array> {
  let size = 0
  const small = new SmallChunks()
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > LIMITS[limit])
      throw new AppError('too_large', `the decoded body exceeds ${LIMITS[limit]} bytes (limit ${limit})`, {
        hint: 'Send smaller batches.',
      })
    if (small.bytes === 0 && chunk.byteLength >= PIECE_BYTES) yield chunk
    else {
      small.add(chunk)
      if (small.bytes >= PIECE_BYTES) yield small.take()
    }
  }
  if (small.bytes > 0) yield small.take()
}

/** Chunks put together in one buffer that doubles: one copy of each byte or two, and no object per chunk. */
class SmallChunks {
  bytes = 0
  private buffer = Buffer.alloc(0)

  add(chunk: Uint8Array): void {
    const needed = this.bytes + chunk.byteLength
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, needed, Math.min(2 * this.buffer.length, PIECE_BYTES)))
      this.buffer.copy(larger, 0, 0, this.bytes)
      this.buffer = larger
    }
    this.buffer.set(chunk, this.bytes)
    this.bytes = needed
  }

  /** What was put together; its buffer is the taker's. */
  take(): Uint8Array {
    const taken = this.buffer.subarray(0, this.bytes)
    this.buffer = Buffer.alloc(0)
    this.bytes = 0
    return taken
  }
}
