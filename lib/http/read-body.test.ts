import { randomBytes } from 'node:crypto'
import * as zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { readBody } from './read-body'

const hasZstd = 'createZstdDecompress' in zlib
const post = (body: Uint8Array<ArrayBuffer>, encoding?: string) =>
  new Request('http://postern/x', {
    method: 'POST',
    body,
    ...(encoding && { headers: { 'content-encoding': encoding } }),
  })

async function read(request: Request): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readBody(request)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
/** How many decoded bytes came before it failed, and how. */
async function readUntilFailure(request: Request): Promise<{ bytes: number; error: unknown }> {
  let bytes = 0
  try {
    for await (const chunk of readBody(request)) bytes += chunk.byteLength
  } catch (error) {
    return { bytes, error }
  }
  return { bytes, error: undefined }
}

const TEXT = Buffer.from('{"flow":{}}\n'.repeat(1000))
const zstdCompress = (bytes: Uint8Array): Buffer<ArrayBuffer> => {
  const compress: unknown = Reflect.get(zlib, 'zstdCompressSync')
  const out: unknown = typeof compress === 'function' ? compress(bytes) : undefined
  if (!Buffer.isBuffer(out)) throw new Error('no zstd')
  return Buffer.from(out)
}

describe('encodings', () => {
  it.each<[string | undefined, Buffer<ArrayBuffer>]>([
    [undefined, TEXT],
    ['identity', TEXT],
    ['gzip', zlib.gzipSync(TEXT)],
    ['x-gzip', zlib.gzipSync(TEXT)],
    ['GZIP', zlib.gzipSync(TEXT)],
    ['identity, gzip', zlib.gzipSync(TEXT)],
    ['deflate', zlib.deflateSync(TEXT)],
    ['gzip', Buffer.concat([zlib.gzipSync(TEXT.subarray(0, 600)), zlib.gzipSync(TEXT.subarray(600))])],
  ])('%s', async (encoding, body) => {
    expect(await read(post(body, encoding))).toEqual(TEXT)
  })

  it.skipIf(!hasZstd)('zstd, where this Node has it', async () => {
    expect(await read(post(zstdCompress(TEXT), 'zstd'))).toEqual(TEXT)
  })

  it.skipIf(hasZstd)('zstd is refused with a way out, where this Node has none', async () => {
    const error = { code: 'unsupported_media', hint: expect.stringMatching(/no zstd.*gzip/) }
    await expect(read(post(TEXT, 'zstd'))).rejects.toMatchObject(error)
  })

  it.each([
    ['br', /br is not accepted/],
    ['gzip, gzip', /more than one/],
    ['deflate, gzip', /more than one/],
  ])('%s is refused', async (encoding, message) => {
    const error = { code: 'unsupported_media', message: expect.stringMatching(message) }
    await expect(read(post(TEXT, encoding))).rejects.toMatchObject(error)
  })

  it.each(['gzip', 'deflate'])('a broken or cut %s body is refused', async (encoding) => {
    const whole = encoding === 'gzip' ? zlib.gzipSync(randomBytes(5000)) : zlib.deflateSync(randomBytes(5000))
    for (const body of [TEXT, whole.subarray(0, 2000)])
      await expect(read(post(body, encoding))).rejects.toMatchObject({ code: 'bad_request' })
  })

  it('msgpack is refused with the setting that mends it', async () => {
    const request = new Request('http://postern/x', {
      method: 'POST',
      body: TEXT,
      headers: { 'content-type': 'application/msgpack' },
    })
    await expect(read(request)).rejects.toMatchObject({
      code: 'unsupported_media',
      hint: expect.stringMatching(/json_lines/),
    })
  })
})

describe('a bomb', () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024)
  const bombs: [string, Buffer<ArrayBuffer>][] = [
    ['gzip', zlib.gzipSync(zeros)],
    ['deflate', zlib.deflateSync(zeros)],
    ...(hasZstd ? [['zstd', zstdCompress(zeros)] satisfies [string, Buffer<ArrayBuffer>]] : []),
  ]
  it.each(bombs)('of %s ends early, with the limit’s name', async (encoding, body) => {
    const { bytes, error } = await readUntilFailure(post(body, encoding))
    expect(error).toMatchObject({ code: 'too_large', message: expect.stringMatching(/limit inflateRatio/) })
    // The whole compressed body counts at once where it arrives in one chunk.
    expect(bytes).toBeLessThanOrEqual(Math.max(LIMITS.inflateFloorBytes, body.length * LIMITS.inflateRatio))
    expect(bytes).toBeLessThan(zeros.length / 4)
  })

  it('is not what compresses well but is small', async () => {
    const small = zeros.subarray(0, LIMITS.inflateFloorBytes)
    expect((await read(post(zlib.gzipSync(small), 'gzip'))).length).toBe(small.length)
  })
})
