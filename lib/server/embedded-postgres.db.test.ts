import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { probeServer, runStatement } from '@/lib/store/server-admin'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres'
import { runPostgres } from './postgres-process'
import { forgetPid, isAlive, isPostmasterOf, readPostmaster } from './postmaster-file'

// mkdtemp makes a folder that only its owner may enter, the hardest case for a server that must not run as root.
let parent: string
let dataDir: string
let server: EmbeddedPostgres | undefined

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'pt-'))
  dataDir = path.join(parent, '.postern', 'data')
  vi.spyOn(console, 'error').mockReturnValue(undefined)
})

afterEach(async () => {
  vi.restoreAllMocks()
  await server?.stop()
  server = undefined
  rmSync(parent, { recursive: true, force: true })
})

const start = async (options: { isDisposable: boolean } = { isDisposable: true }): Promise<EmbeddedPostgres> => {
  server = await startEmbeddedPostgres({ dataDir, ...options })
  return server
}
const cluster = (): string => path.join(dataDir, 'pg')

describe('embedded PostgreSQL', () => {
  it('keeps data over an orderly stop, and leaves no process behind', async () => {
    const first = await start()
    await runStatement(first.url, 'CREATE TABLE kept (id int)')
    const pid = readPostmaster(cluster())?.pid ?? 0
    await first.stop()
    expect(isPostmasterOf(cluster(), pid)).toBe(false)
    const second = await start()
    expect(second.wasAdopted).toBe(false)
    await runStatement(second.url, 'SELECT id FROM kept')
  })

  it('is used by one Postern at a time', async () => {
    await start()
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/Another Postern already runs/)
  })

  it('is taken over where it outlived the process that started it', async () => {
    const first = await start()
    await first.stop()
    const orphan = await runPostgres({ dataDir, cluster: cluster(), isDisposable: true })
    const second = await start()
    expect(second.wasAdopted).toBe(true)
    await second.stop()
    expect(isPostmasterOf(cluster(), orphan.pid)).toBe(false)
  })

  it('comes back under the same address, with every committed row, after it was killed', async () => {
    const { url } = await start({ isDisposable: false })
    await runStatement(url, 'CREATE TABLE kept (id int)')
    const pid = readPostmaster(cluster())?.pid ?? 0
    process.kill(pid, 'SIGKILL')
    await vi.waitUntil(async () => isBack(url, pid), { timeout: 20_000, interval: 50 })
    await runStatement(url, 'SELECT id FROM kept')
  })

  it('starts although its lock file names a process that is somebody else', async () => {
    await (await start()).stop()
    writeFileSync(path.join(cluster(), 'postmaster.pid'), `${process.pid}\n${cluster()}\n0\n5432\n/nowhere\n\n`)
    expect((await start()).wasAdopted).toBe(false)
  })
})

describe('forgetPid', () => {
  it('changes the process number and nothing else', async () => {
    await start()
    const before = readPostmaster(cluster())
    const copy = path.join(parent, 'copy')
    mkdirSync(copy)
    copyFileSync(path.join(cluster(), 'postmaster.pid'), path.join(copy, 'postmaster.pid'))
    forgetPid(copy)
    expect(readPostmaster(copy)).toEqual({ pid: 99_999_999, socketDir: before?.socketDir })
    expect(isAlive(99_999_999)).toBe(false)
  })
})

async function isBack(url: string, oldPid: number): Promise<boolean> {
  const pid = readPostmaster(cluster())?.pid
  return pid !== undefined && pid !== oldPid && 'versionNumber' in (await probeServer(url))
}
