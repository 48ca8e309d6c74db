import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEmptyTestDatabase, type TestDatabase } from '@/lib/store/test-database'
import { diffMigrations } from './prisma-migrate'

const root = path.resolve(import.meta.dirname, '../..')
let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await createEmptyTestDatabase()
  folder = mkdtempSync(path.join(os.tmpdir(), 'postern-schema-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await database.drop()
})

describe('migrations', () => {
  it('make exactly what the schema says', async () => {
    expect(await diffMigrations(root, database.url)).toBeUndefined()
  })

  it('are found out where the schema says more', async () => {
    const schema = readFileSync(path.join(root, 'prisma/schema.prisma'), 'utf8')
    const changed = path.join(folder, 'schema.prisma')
    writeFileSync(changed, `${schema}\nmodel Planted {\n  id Int @id\n}\n`)
    expect(await diffMigrations(root, database.url, changed)).toContain('CREATE TABLE "Planted"')
  })
})
