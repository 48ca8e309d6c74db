import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTar, type TarFile, writeTar } from './tar'

async function* from<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}

const archive = async (files: readonly TarFile[]): Promise<Buffer> =>
  Buffer.concat(await collect(writeTar(from(files))))
const text = (name: string, content: string): TarFile => ({ name, bytes: Buffer.from(content) })

describe('tar', () => {
  it('reads what it wrote, in whatever chunks it comes', async () => {
    const file = fc.record({
      name: fc.stringMatching(/^[a-zé/]{1,40}$/),
      bytes: fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes)),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 5 }), fc.integer({ min: 1, max: 2000 }), async (files, size) => {
        const bytes = await archive(files)
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        )
        expect(await collect(readTar(from(chunks), 2000))).toEqual(files)
      }),
    )
  })

  it("writes what the system's tar reads", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-tar-'))
    writeFileSync(
      path.join(folder, 'a.tar'),
      await archive([text('a.json', 'one'), text('data/b/0', 'two'.repeat(300))]),
    )
    const tar = (...args: string[]) => spawnSync('tar', args, { cwd: folder, encoding: 'utf8' }).stdout
    expect(tar('-tf', 'a.tar')).toBe('a.json\ndata/b/0\n')
    expect(tar('-xOf', 'a.tar', 'data/b/0')).toBe('two'.repeat(300))
    rmSync(folder, { recursive: true })
  })

  it('refuses an archive that is cut off at any place, or goes on behind its end', async () => {
    const bytes = await archive([text('a', 'one'), text('b', 'two')])
    for (let size = 0; size < bytes.length; size += 100)
      await expect(collect(readTar(from([bytes.subarray(0, size)]), 100))).rejects.toThrow('ends too early')
    await expect(collect(readTar(from([bytes, Buffer.from('x')]), 100))).rejects.toThrow('follows the end')
  })

  it('refuses what is no archive of plain files, and files that are too large, before it holds them', async () => {
    const bytes = await archive([text('a', 'one')])
    await expect(collect(readTar(from([Buffer.alloc(2048, 'x')]), 100))).rejects.toThrow('no archive')
    await expect(collect(readTar(from([bytes]), 2))).rejects.toThrow('a is larger than 2 bytes')
    const changed = Buffer.from(bytes)
    changed.write('b', 0)
    await expect(collect(readTar(from([changed]), 100))).rejects.toThrow('no archive')
  })

  it('refuses names that do not fit', async () => {
    await expect(archive([text('é'.repeat(51), '')])).rejects.toThrow('too long')
  })
})
