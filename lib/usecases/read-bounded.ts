import 'server-only'
import { AppError } from '@/lib/errors'
import { LIMITS } from '@/lib/model/limits'

/** The chunks of a body, up to `limit` bytes in all; the chunk that goes beyond is a `too_large`, so a bomb ends early. */
export async function* readBounded(
  body: AsyncIterable<Uint8Array>,
  limit: 'bodyBytes' | 'otlpBodyBytes' = 'bodyBytes',
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > LIMITS[limit])
      throw new AppError('too_large', `the decoded body exceeds ${LIMITS[limit]} bytes (limit ${limit})`, {
        hint: 'Send smaller batches.',
      })
    yield chunk
  }
}
