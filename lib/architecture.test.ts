import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')

/** Folder → what it may import of ours (itself always). The table of ARCHITECTURE.md; anything not listed is forbidden. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  'lib/model': [],
  'lib/errors': [],
  'lib/process-global': [],
  'components/ui': [],
  'lib/env': ['lib/model'],
  'lib/observability': ['lib/env', 'lib/process-global'],
  'lib/view': ['lib/model'],
  'lib/filter': ['lib/model'],
  'lib/policy': ['lib/model'],
  'lib/connect': [],
  'lib/egress': ['lib/model', 'lib/policy', 'lib/connect'],
  'lib/graph': ['lib/model', 'lib/filter'],
  'lib/findings': ['lib/model', 'lib/egress'],
  'lib/notify': ['lib/model'],
  'lib/sources': ['lib/model', 'lib/errors'],
  'lib/ingest': ['lib/model'],
  'lib/store': ['lib/egress', 'lib/notify', 'lib/model', 'lib/errors', 'lib/env', 'lib/process-global'],
  'lib/live': ['lib/model', 'lib/graph'],
  'lib/demo': ['lib/model', 'lib/sources'],
  'lib/usecases': [
    'lib/model',
    'lib/errors',
    'lib/process-global',
    'lib/observability',
    'lib/egress',
    'lib/filter',
    'lib/graph',
    'lib/policy',
    'lib/findings',
    'lib/notify',
    'lib/sources',
    'lib/ingest',
    'lib/store',
    'lib/live',
    'lib/demo',
  ],
  'lib/collectors': [
    'lib/model',
    'lib/errors',
    'lib/env',
    'lib/observability',
    'lib/sources',
    'lib/usecases',
    'lib/http',
  ],
  'lib/http': ['lib/model', 'lib/errors', 'lib/env', 'lib/observability', 'lib/usecases'],
  // The benchmark measures decoders by themselves; the crash test serves the routes of ingest without a build.
  'lib/server': [
    'lib/env',
    'lib/model',
    'lib/store',
    'lib/usecases',
    'lib/demo',
    'lib/sources',
    'lib/collectors',
    'app',
  ],
  // The launcher's folder alone knows how the database is found and started.
  'lib/cli': ['lib/env', 'lib/errors', 'lib/model', 'lib/sources', 'lib/view', 'lib/server'],
  components: ['components/ui', 'lib/model', 'lib/filter', 'lib/graph', 'lib/view', 'lib/connect'],
  app: ['components', 'components/ui', 'lib/model', 'lib/view', 'lib/errors', 'lib/env', 'lib/http', 'lib/usecases'],
  e2e: ['lib/demo', 'lib/model', 'lib/view'],
  'proxy.ts': ['lib/env', 'lib/model', 'lib/view', 'lib/usecases'],
}
const FOR_TESTS = ['lib/demo', 'lib/model']
const MAX_LINES = 400
const MAX_TEST_LINES = 700
const BANNED_FOLDERS = ['src', 'utils', 'helpers', 'common', 'misc', 'shared']
/** Folders that may read the environment, open a database, or draw on a canvas. */
const ONLY: readonly { readonly what: RegExp; readonly where: RegExp; readonly name: string }[] = [
  { name: 'process.env', what: /process\.env/, where: /^(lib\/env\.(ts|test\.ts)|e2e\/|[^/]+\.config\.ts)/ },
  {
    name: 'pg or Prisma',
    what: /from '(pg|pg-copy-streams|@prisma\/[^']+)'/,
    where: /^(lib\/store\/|lib\/server\/|e2e\/)/,
  },
  { name: 'cytoscape', what: /from 'cytoscape/, where: /^components\/graph\// },
]

interface Source {
  readonly file: string
  readonly text: string
}

function sources(): Source[] {
  const out: Source[] = []
  const visit = (folder: string) => {
    for (const name of readdirSync(path.join(root, folder))) {
      const file = path.posix.join(folder, name)
      if (name === 'generated' || name === 'node_modules' || name.startsWith('.')) continue
      if (statSync(path.join(root, file)).isDirectory()) visit(file)
      else if (/\.tsx?$/.test(name)) out.push({ file, text: readFileSync(path.join(root, file), 'utf8') })
    }
  }
  for (const folder of ['app', 'components', 'lib', 'e2e']) visit(folder)
  // Tests of single files beside them belong to those files' rows; this test belongs to none.
  const isRowless = (file: string) => file === 'lib/architecture.test.ts'
  out.push({ file: 'proxy.ts', text: readFileSync(path.join(root, 'proxy.ts'), 'utf8') })
  return out.filter((source) => !isRowless(source.file))
}

/** The row of the table that a path belongs to: the longest that begins it. */
function unitOf(file: string): string | undefined {
  const bare = file.replace(/(\.(db\.)?test|\.bench)?\.tsx?$/, '')
  return Object.keys(TABLE)
    .filter((unit) => bare === unit || file === unit || bare.startsWith(`${unit}/`))
    .sort((a, b) => b.length - a.length)[0]
}

function importsOf({ file, text }: Source): string[] {
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'(@\/[^']+|\.{1,2}\/[^']+)'/g)].map(
    (match) => match[1] ?? '',
  )
  return found.map((target) =>
    target.startsWith('@/') ? target.slice(2) : path.posix.join(path.posix.dirname(file), target),
  )
}

function violations(all: readonly Source[]): string[] {
  const out: string[] = []
  for (const source of all) {
    const unit = unitOf(source.file)
    if (!unit) {
      out.push(`${source.file}: belongs to no row of the table`)
      continue
    }
    const isTest = /\.(test|bench)\.tsx?$/.test(source.file)
    // A test on a real database needs one.
    const forTests = source.file.endsWith('.db.test.ts') ? [...FOR_TESTS, 'lib/store'] : isTest ? FOR_TESTS : []
    const allowed = new Set([unit, ...(TABLE[unit] ?? []), ...forTests])
    for (const target of importsOf(source)) {
      const owner = unitOf(target)
      if (owner && !allowed.has(owner)) out.push(`${source.file}: imports ${target}`)
    }
    if (source.text.split('\n').length > (isTest ? MAX_TEST_LINES : MAX_LINES))
      out.push(`${source.file}: more than ${MAX_LINES} lines`)
    if (source.file.split('/').some((part) => BANNED_FOLDERS.includes(part)))
      out.push(`${source.file}: banned folder name`)
    if (/^index\.tsx?$/.test(path.posix.basename(source.file))) out.push(`${source.file}: barrel file`)
    for (const rule of ONLY)
      if (!isTest && !rule.where.test(source.file) && rule.what.test(source.text))
        out.push(`${source.file}: uses ${rule.name}`)
    if (/^'use client'/.test(source.text) && !/^(components\/|app\/.*error\.tsx$)/.test(source.file))
      out.push(`${source.file}: 'use client' outside components`)
    if (
      !isTest &&
      /^lib\/(store|usecases|live|http|env)/.test(source.file) &&
      !source.text.startsWith("import 'server-only'")
    )
      out.push(`${source.file}: lacks import 'server-only'`)
  }
  return out
}

describe('the dependency table', () => {
  it('holds for every file', () => {
    expect(violations(sources())).toEqual([])
  })

  it('would notice: planted violations are all found', () => {
    const planted: Source[] = [
      { file: 'lib/model/a.ts', text: "import { query } from '@/lib/store/client'" },
      { file: 'lib/graph/b.ts', text: "import x from '../egress/judge'" },
      { file: 'lib/view/c.ts', text: 'const x = process.env.HOME' },
      { file: 'components/utils/d.tsx', text: "import cytoscape from 'cytoscape'" },
      { file: 'lib/store/e.ts', text: "import pg from 'pg'" },
      { file: 'app/page.tsx', text: "'use client'" },
      { file: 'lib/egress/index.ts', text: '\n'.repeat(500) },
    ]
    expect(violations(planted)).toHaveLength(9)
  })

  it('has no cycle between folders', () => {
    const visit = (unit: string, trail: readonly string[]): string[] =>
      trail.includes(unit)
        ? [[...trail, unit].join(' → ')]
        : (TABLE[unit] ?? []).flatMap((next) => visit(next, [...trail, unit]))
    expect(Object.keys(TABLE).flatMap((unit) => visit(unit, []))).toEqual([])
  })
})
