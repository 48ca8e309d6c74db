/** A file of a tar archive, whole in memory. */
export interface TarFile {
  readonly name: string
  readonly bytes: Uint8Array
}

const BLOCK = 512
const NAME_BYTES = 100
const MODE = '0000600'
const NOTHING = Buffer.alloc(2 * BLOCK)

/** The bytes of a ustar archive of these files, as any `tar` reads them; holds one file at a time. Names of at most 100 bytes. */
export async function* writeTar(files: AsyncIterable<TarFile>): AsyncGenerator<Uint8Array> {
  for await (const { name, bytes } of files) {
    yield header(name, bytes.length)
    yield bytes
    yield NOTHING.subarray(0, paddingOf(bytes.length))
  }
  yield NOTHING
}

/**
 * The files of an archive that `writeTar` wrote, each of at most `maxBytes`. Throws where the archive is cut off, is no
 * archive, holds anything else than plain files, or goes on behind its end.
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<TarFile> {
  const source = new Exactly(chunks)
  for (;;) {
    const head = await source.take(BLOCK)
    if (head.every((byte) => byte === 0)) break
    const { name, size } = parseHeader(head)
    if (size > maxBytes) throw new Error(`${name} is larger than ${maxBytes} bytes`)
    const bytes = await source.take(size)
    await source.take(paddingOf(size))
    yield { name, bytes }
  }
  await source.take(BLOCK)
  if (!(await source.isAtEnd())) throw new Error('something follows the end of the archive')
}

const paddingOf = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK

function header(name: string, size: number): Buffer {
  const head = Buffer.alloc(BLOCK)
  if (Buffer.byteLength(name) > NAME_BYTES) throw new Error(`${name}: too long for the name of a file in an archive`)
  const octal = (value: number) => value.toString(8).padStart(11, '0')
  const fields: readonly (readonly [number, string])[] = [
    [0, name],
    [100, MODE],
    [108, '0000000'],
    [116, '0000000'],
    [124, octal(size)],
    [136, octal(0)],
    [156, '0'],
    [257, 'ustar'],
    [263, '00'],
  ]
  for (const [at, text] of fields) head.write(text, at)
  head.write(`${checksum(head).toString(8).padStart(6, '0')}\0 `, 148)
  return head
}

/** Of the header as if its own field were blank. */
const checksum = (head: Uint8Array): number =>
  head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0)

function parseHeader(head: Buffer): { name: string; size: number } {
  const text = (from: number, to: number) => head.toString('utf8', from, to).split('\0', 1)[0] ?? ''
  if (text(257, 262) !== 'ustar' || Number.parseInt(text(148, 155), 8) !== checksum(head))
    throw new Error('it is no archive')
  const size = Number.parseInt(text(124, 136), 8)
  if (text(156, 157) !== '0' || !Number.isSafeInteger(size)) throw new Error(`${text(0, NAME_BYTES)} is no plain file`)
  return { name: text(0, NAME_BYTES), size }
}

/** Takes exact numbers of bytes from chunks of any size. */
class Exactly {
  private readonly reader: AsyncIterator<Uint8Array>
  private parts: Uint8Array[] = []
  private size = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.reader = chunks[Symbol.asyncIterator]()
  }

  async take(wanted: number): Promise<Buffer> {
    while (this.size < wanted) if (!(await this.pull())) throw new Error('it ends too early')
    const all = Buffer.concat(this.parts)
    this.parts = [all.subarray(wanted)]
    this.size = all.length - wanted
    return all.subarray(0, wanted)
  }

  async isAtEnd(): Promise<boolean> {
    while (this.size === 0) if (!(await this.pull())) return true
    return false
  }

  private async pull(): Promise<boolean> {
    const next = await this.reader.next()
    if (next.done) return false
    this.parts.push(next.value)
    this.size += next.value.length
    return true
  }
}
