import 'server-only'
import { AppError } from '@/lib/errors'

/** Decoded bytes of one body; beyond it the sender must split. */
export const MAX_BODY_BYTES = 20 * 1024 * 1024

/** The chunks of a body, up to 20 MiB in all; the chunk that goes beyond is a `too_large`, so a bomb ends early. */
export async function* readBounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES)
      throw new AppError('too_large', `the decoded body exceeds ${MAX_BODY_BYTES} bytes`, {
        hint: 'Send smaller batches.',
      })
    yield chunk
  }
}
