import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { LONG_FILES } from './architecture/dependency-table'
import { RULES } from './architecture/rules'
import { readSource, type SourceFile } from './architecture/source-file'

const root = path.resolve(import.meta.dirname, '..')
const FOLDERS = ['app', 'components', 'lib', 'prisma', 'e2e']
const SKIPPED = /^lib\/store\/generated$|\/__(fixtures|golden)__$/

describe('the project', () => {
  const files = [...FOLDERS.flatMap(sourcesBelow), ...rootFiles()].map(read)

  it('is read by these rules', () => {
    expect(files.map(({ file }) => file)).toEqual(expect.arrayContaining(['lib/env.ts', 'instrumentation.ts']))
  })

  it.each(Object.entries(RULES))('%s', (_sentence, rule) => {
    expect(rule(files)).toEqual([])
  })

  it('names in the list of long files only files that exist', () => {
    expect(Object.keys(LONG_FILES).filter((file) => !existsSync(path.join(root, file)))).toEqual([])
  })
})

describe('a breach is found', () => {
  const plant = (rule: string, texts: Record<string, string>): string[] =>
    RULES[rule]?.(Object.entries(texts).map(([file, text]) => readSource(file, text))) ?? ['no such rule']

  const LISTED = 'every import is allowed by the dependency table'
  it.each([
    ['an import upwards', 'lib/model/a.ts', `import { b } from '@/lib/store/b'`],
    ['a type import', 'lib/graph/a.ts', `import type { B } from '@/lib/egress/b'`],
    ['a re-export', 'lib/view/a.ts', `export { b } from '@/lib/store/b'`],
    ['a dynamic import', 'lib/egress/a.ts', `const b = await import('@/lib/usecases/b')`],
    ['a relative way out', 'lib/model/deep/a.ts', `import { b } from '../../env'`],
    ['a page that asks the store', 'app/page.tsx', `import { b } from '@/lib/store/b'`],
    ['a primitive that knows the domain', 'components/ui/a.tsx', `import type { B } from '@/lib/model/b'`],
    ['the proxy asking a use case', 'proxy.ts', `import { b } from '@/lib/usecases/b'`],
    ['a test far from its row', 'lib/model/a.test.ts', `import { b } from '@/lib/server/b'`],
    ['the launcher using view', 'lib/server/a.ts', `import { b } from '@/lib/view/b'`],
    ['a folder that nobody listed', 'lib/novelty/a.ts', 'export const a = 1'],
  ])('%s', (_name, file, text) => {
    expect(plant(LISTED, { [file]: text })).toHaveLength(1)
  })

  it('a relative import across units', () => {
    expect(plant('imports across units start with @/', { 'lib/graph/a.ts': `import '../model/b'` })).toHaveLength(1)
  })

  it.each([
    ['pg in the launcher', 'lib/server/a.ts', 'pg'],
    ['Prisma in a use case', 'lib/usecases/a.ts', '@prisma/client'],
    ['cytoscape outside the graph', 'components/flows/a.tsx', 'cytoscape'],
  ])('%s', (_name, file, name) => {
    expect(plant('packages with one home stay there', { [file]: `import x from '${name}'` })).toHaveLength(1)
  })

  it('a cycle over three files', () => {
    expect(
      plant('no file imports itself, by whatever way', {
        'lib/model/a.ts': `import { b } from './b'`,
        'lib/model/b.ts': `import { c } from './c'`,
        'lib/model/c.ts': `import { a } from './a'`,
      }),
    ).toEqual(['lib/model/a → lib/model/b → lib/model/c → lib/model/a is a cycle'])
  })

  const NAMES = 'no folder or file has a name that says nothing, and none only re-exports'
  it.each([
    ['a banned folder', 'lib/ingest/utils/a.ts', 'export const a = 1'],
    ['a banned file', 'components/helpers.ts', 'export const a = 1'],
    ['an index', 'lib/model/index.ts', 'export const a = 1'],
    ['a barrel by another name', 'lib/model/all.ts', `export * from './a'\nexport { b } from './b'`],
  ])('%s', (_name, file, text) => {
    expect(plant(NAMES, { [file]: text })).toHaveLength(1)
  })

  it('a long file, and a name that is not kebab-case', () => {
    expect(plant('no file is longer than 400 lines', { 'lib/model/a.ts': 'x\n'.repeat(401) })).toHaveLength(1)
    expect(plant('no file is longer than 400 lines', { 'lib/model/a.ts': 'x\n'.repeat(400) })).toEqual([])
    expect(plant('file names are in kebab-case', { 'lib/model/aFile.ts': '' })).toHaveLength(1)
    expect(plant('file names are in kebab-case', { 'app/share/[shareToken]/page.tsx': '' })).toEqual([])
  })

  const ENVIRONMENT = 'only lib/env reads the environment'
  it.each([
    ['process.env.PORT'],
    ['process["env"].PORT'],
    ['const { PORT } = process.env'],
    ['const { env } = process'],
  ])('%s', (code) => {
    expect(plant(ENVIRONMENT, { 'lib/http/a.ts': code })).toHaveLength(1)
    expect(plant(ENVIRONMENT, { 'lib/http/a.ts': `// ${code}` })).toEqual([])
    expect(plant(ENVIRONMENT, { 'lib/http/a.ts': `const text = \`${code}\`` })).toEqual([])
    expect(plant(ENVIRONMENT, { 'playwright.config.ts': code })).toEqual([])
  })

  it.each([
    ['the clock', 'const now = Date.now()'],
    ['the clock by another name', 'const now = new Date()'],
    ['chance', 'const x = Math.random()'],
    ['the disk', `import { readFileSync } from 'node:fs'`],
    ['React', `import { useState } from 'react'`],
    ['the network', `const x = await fetch('http://x')`],
  ])('a pure unit that uses %s', (_name, code) => {
    const rule = 'pure units have no I/O, clock, randomness or React'
    expect(plant(rule, { 'lib/graph/a.ts': code })).toHaveLength(1)
    expect(plant(rule, { 'lib/usecases/a.ts': code })).toEqual([])
  })

  it('a module of Node in a unit that browsers run', () => {
    const rule = 'pure units have no I/O, clock, randomness or React'
    const text = `import { createHash } from 'node:crypto'`
    expect(plant(rule, { 'lib/view/a.ts': text })).toHaveLength(1)
    expect(plant(rule, { 'lib/sources/a.ts': text })).toEqual([])
  })

  it('client code and server code in the wrong place', () => {
    const client = "'use client' stands in components and error pages only"
    expect(plant(client, { 'app/page.tsx': `'use client'\nexport const a = 1` })).toHaveLength(1)
    expect(plant(client, { 'app/(console)/error.tsx': `'use client'\nexport const a = 1` })).toEqual([])
    const actions = 'there are no Server Actions'
    expect(plant(actions, { 'app/a.ts': `'use server'` })).toHaveLength(1)
    expect(plant(actions, { 'app/a.tsx': `async function save() { 'use server'; return 1 }` })).toHaveLength(1)
    const server = 'server code cannot be bundled for a browser'
    expect(plant(server, { 'lib/store/a.ts': 'export const a = 1' })).toHaveLength(1)
    expect(plant(server, { 'lib/store/a.ts': `import 'server-only'` })).toEqual([])
  })
})

function sourcesBelow(folder: string): string[] {
  if (SKIPPED.test(folder) || !existsSync(path.join(root, folder))) return []
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`
    if (entry.isDirectory()) return sourcesBelow(name)
    return /\.tsx?$/.test(name) ? [name] : []
  })
}

function rootFiles(): string[] {
  return readdirSync(root).filter((name) => /\.ts$/.test(name) && name !== 'next-env.d.ts')
}

function read(file: string): SourceFile {
  return readSource(file, readFileSync(path.join(root, file), 'utf8'))
}
