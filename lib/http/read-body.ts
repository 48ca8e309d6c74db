import 'server-only'
import { Readable } from 'node:stream'
import { createGunzip, createInflate } from 'node:zlib'
import { AppError, isAppError } from '@/lib/errors'

/**
 * The body's decompressed bytes as they arrive. gzip and deflate; the caller bounds the decoded size while it reads, so a
 * bomb ends early. Errors: `unsupported_media` for msgpack and other encodings, `bad_request` for a broken stream.
 */
export async function* readBody(request: Request): AsyncGenerator<Uint8Array> {
  const type = request.headers.get('content-type') ?? ''
  if (type.includes('msgpack'))
    throw new AppError('unsupported_media', 'msgpack is not accepted', {
      hint: 'Fluent Bit: set `Format json_lines` on the http output.',
    })
  if (!request.body) return
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase()
  const raw = Readable.from(chunksOf(request.body))
  try {
    yield* encoding === 'identity' || encoding === '' ? raw : raw.pipe(inflaterFor(encoding, raw))
  } catch (error) {
    throw isAppError(error)
      ? error
      : new AppError('bad_request', `the ${encoding} body is broken or was cut off`, { cause: error })
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

function inflaterFor(encoding: string, raw: Readable) {
  if (encoding !== 'gzip' && encoding !== 'deflate')
    throw new AppError('unsupported_media', `Content-Encoding ${encoding.slice(0, 32)} is not accepted`, {
      hint: 'Send gzip, deflate or no compression.',
    })
  const inflater = encoding === 'gzip' ? createGunzip() : createInflate()
  raw.once('error', (error) => inflater.destroy(error))
  return inflater
}
