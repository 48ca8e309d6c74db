import 'server-only'
import { Readable, Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { AppError, isAppError } from '@/lib/errors'
import { LIMITS } from '@/lib/model/limits'

/** What RFC 8878 asks every decoder for; a frame that wants more memory is refused as broken. */
const ZSTD_WINDOW_LOG = 23

/**
 * The body's decompressed bytes as they arrive: gzip, deflate, and zstd where this Node has it. A body that grows by more than
 * `inflateRatio` ends early; the caller bounds the decoded size while it reads. Errors: `unsupported_media` for msgpack and
 * other encodings, `too_large` naming the limit, `bad_request` for a broken stream.
 */
export async function* readBody(request: Request): AsyncGenerator<Uint8Array> {
  const type = request.headers.get('content-type') ?? ''
  if (type.includes('msgpack'))
    throw new AppError('unsupported_media', 'msgpack is not accepted', {
      hint: 'Fluent Bit: set `Format json_lines` on the http output.',
    })
  const encoding = encodingOf(request.headers.get('content-encoding'))
  const inflater = encoding ? inflaterFor(encoding) : undefined
  if (!request.body) return
  const arrived = { bytes: 0 }
  const raw = Readable.from(chunksOf(request.body, arrived))
  try {
    if (!inflater) yield* raw
    else {
      raw.once('error', (error) => inflater.destroy(error))
      yield* withinRatio(raw.pipe(inflater), arrived)
    }
  } catch (error) {
    throw isAppError(error)
      ? error
      : new AppError('bad_request', `the ${encoding ?? 'plain'} body is broken or was cut off`, { cause: error })
  } finally {
    inflater?.destroy()
    raw.destroy()
  }
}

/** The one encoding of a body; undefined for none. */
function encodingOf(header: string | null): string | undefined {
  const names = (header ?? '').split(',').map((name) => name.trim().toLowerCase())
  const encodings = names.filter((name) => name !== '' && name !== 'identity')
  if (encodings.length > 1)
    throw new AppError('unsupported_media', 'more than one Content-Encoding is not accepted', {
      hint: 'Compress the body once: gzip, deflate, zstd or not at all.',
    })
  return encodings[0]
}

async function* withinRatio(
  inflated: AsyncIterable<Uint8Array>,
  arrived: { readonly bytes: number },
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of inflated) {
    bytes += chunk.byteLength
    if (bytes > LIMITS.inflateFloorBytes && bytes > arrived.bytes * LIMITS.inflateRatio)
      throw new AppError(
        'too_large',
        `the body grows to more than ${LIMITS.inflateRatio} times its size (limit inflateRatio)`,
        { hint: 'Send smaller batches, or no compression.' },
      )
    yield chunk
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>, arrived: { bytes: number }): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      arrived.bytes += value.byteLength
      yield value
    }
  } finally {
    // Of a body that is refused the rest is not waited for.
    await reader.cancel().catch(() => undefined)
  }
}

function inflaterFor(encoding: string): Transform {
  if (encoding === 'gzip' || encoding === 'x-gzip') return zlib.createGunzip()
  if (encoding === 'deflate') return zlib.createInflate()
  const zstd = encoding === 'zstd' ? zstdInflater() : undefined
  if (zstd) return zstd
  throw new AppError('unsupported_media', `Content-Encoding ${encoding.slice(0, 32)} is not accepted`, {
    hint:
      encoding === 'zstd'
        ? 'This Node has no zstd (it needs 22.15, 23.8 or newer): use gzip.'
        : 'Send gzip, deflate, zstd or no compression.',
  })
}

/** Node 22.15 and 23.8 brought zstd; the types of older ones do not know it. */
function zstdInflater(): Transform | undefined {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress')
  if (typeof create !== 'function') return undefined
  const windowLog: unknown = Reflect.get(zlib.constants, 'ZSTD_d_windowLogMax')
  const inflater: unknown = create({ params: { [String(windowLog)]: ZSTD_WINDOW_LOG } })
  return inflater instanceof Transform ? inflater : undefined
}
