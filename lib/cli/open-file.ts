import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Duplex, PassThrough, pipeline } from 'node:stream'
import * as zlib from 'node:zlib'
import { AppError } from '@/lib/errors'

const MAGIC_BYTES = 4

/**
 * The bytes of a file, decompressed where its first bytes say gzip (of several members too), zlib or zstd. Throws what the
 * file system or the decompressor says; `unsupported_media` where this Node.js has no zstd.
 */
export async function* openFile(file: string): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file)
  // Errors of either end destroy the other and come out of the loop.
  const bytes = pipeline(source, decompressorFor(await magicOf(file)), () => undefined)
  for await (const chunk of bytes) if (chunk instanceof Uint8Array) yield chunk
}

async function magicOf(file: string): Promise<Uint8Array> {
  const handle = await open(file)
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

function decompressorFor(magic: Uint8Array): Duplex {
  const [a = 0, b = 0, c = 0, d = 0] = magic
  if (a === 0x1f && b === 0x8b) return zlib.createGunzip()
  // CMF and FLG of zlib with the usual window; anything else that begins with `x` is text.
  if (a === 0x78 && (b === 0x01 || b === 0x9c || b === 0xda)) return zlib.createInflate()
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return zstd()
  return new PassThrough()
}

function zstd(): Duplex {
  // Node.js 22.15 and newer.
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress')
  const stream: unknown = typeof create === 'function' ? create() : undefined
  if (stream instanceof Duplex) return stream
  throw new AppError('unsupported_media', `zstd needs Node.js 22.15 or newer; this is ${process.version}`, {
    hint: 'Decompress the file first: zstd -d FILE.',
  })
}
