import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, rmSync, statSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import path from 'node:path'
import { pipeline as pipelineOf, Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { type BackupEntry, damaged, MAX_ENTRY_BYTES } from '@/lib/store/backup-manifest'
import { readTar, writeTar } from './tar'

/** Text of rows shrinks to about a tenth at any level; higher ones only take longer. */
const LEVEL = 4

export interface WrittenBackup {
  readonly bytes: number
  /** Of the whole file, hexadecimal. */
  readonly sha256: string
}

/**
 * Writes the entries into `file`, a gzipped tar archive that only its owner may read. It appears under its name when it is
 * complete and on the disk; until then it grows in `FILE.partial`, which is removed on failure. Throws where `file` exists.
 */
export async function writeBackupFile(file: string, entries: AsyncIterable<BackupEntry>): Promise<WrittenBackup> {
  if (existsSync(file)) throw new Error(`${file} exists. Name a file that does not.`)
  const partial = partialOf(file)
  rmSync(partial, { force: true })
  const hash = createHash('sha256')
  try {
    await pipeline(
      Readable.from(writeTar(entries), { objectMode: false }),
      createGzip({ level: LEVEL }),
      tap((chunk) => hash.update(chunk)),
      createWriteStream(partial, { flags: 'wx', mode: 0o600 }),
    )
    await flush(partial)
    await rename(partial, file)
    await flush(path.dirname(file))
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
  return { bytes: statSync(file).size, sha256: hash.digest('hex') }
}

/** Where a backup grows until it is complete. */
export const partialOf = (file: string): string => `${file}.partial`

/** The entries of a backup file. Throws, saying so, where it is no backup, is cut off or was changed. */
export async function* readBackupFile(file: string): AsyncGenerator<BackupEntry> {
  // Errors of the file reach the reader of the last stream.
  const text = pipelineOf(createReadStream(file), createGunzip(), () => undefined)
  try {
    yield* readTar(text, MAX_ENTRY_BYTES)
  } catch (error) {
    throw isOfFileSystem(error) ? error : damaged(error instanceof Error ? error.message : String(error), error)
  } finally {
    text.destroy()
  }
}

/** sha256 of a whole file, hexadecimal. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}

const isOfFileSystem = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && typeof error.syscall === 'string'

const tap = (see: (chunk: Uint8Array) => void): Transform =>
  new Transform({
    transform(chunk, _, done) {
      see(chunk)
      done(null, chunk)
    },
  })

async function flush(target: string): Promise<void> {
  const handle = await open(target, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
