import {
  BROWSER_UNITS,
  LONG_FILES,
  MAY_IMPORT,
  PACKAGE_HOMES,
  PURE_UNITS,
  SERVER_ONLY_UNITS,
  TESTS_MAY_ALSO_IMPORT,
} from './dependency-table'
import { isTest, type SourceFile, unitOf } from './source-file'

/** One line per breach, each starting with the file. */
export type Rule = (files: readonly SourceFile[]) => string[]

const MAX_LINES = 400
const BANNED_NAMES = new Set(['src', 'utils', 'util', 'helpers', 'common', 'misc', 'shared'])

const perFile =
  (breaches: (source: SourceFile, unit: string) => readonly string[]): Rule =>
  (files) =>
    files.flatMap((source) => breaches(source, unitOf(source.file) ?? '').map((breach) => `${source.file}: ${breach}`))

const importsAreListed = perFile(({ file, imports }, unit) => {
  if (unit === '') return []
  const row = MAY_IMPORT[unit]
  if (!row) return [`${unit} is not in the dependency table`]
  const allowed = new Set([unit, ...row, ...(isTest(file) ? TESTS_MAY_ALSO_IMPORT : [])])
  return imports.flatMap(({ specifier, target }) => {
    const other = target === undefined ? undefined : unitOf(target)
    return other === undefined || allowed.has(other) ? [] : [`${unit} may not import ${other} (${specifier})`]
  })
})

const otherUnitsAreNamedInFull = perFile(({ imports }, unit) =>
  imports
    .filter(({ specifier, target = '' }) => specifier.startsWith('.') && unit !== '' && unitOf(target) !== unit)
    .filter(({ target = '' }) => unitOf(target) !== undefined)
    .map(({ specifier }) => `write ${specifier} as @/…`),
)

const packagesStayAtHome = perFile(({ file, imports }) =>
  imports.flatMap(({ specifier }) =>
    PACKAGE_HOMES.filter(({ pattern, home }) => pattern.test(specifier) && !file.startsWith(`${home}/`))
      .filter(() => unitOf(file) !== undefined && unitOf(file) !== 'prisma')
      .filter(() => specifier !== 'pg' || !file.endsWith('.db.test.ts'))
      .map(({ home }) => `only ${home} may import ${specifier}`),
  ),
)

const noCycles: Rule = (files) => {
  const graph = new Map(files.map((source) => [source.file.replace(/\.tsx?$/, ''), source]))
  const done = new Set<string>()
  const breaches: string[] = []
  const visit = (name: string, trail: readonly string[]): void => {
    if (trail.includes(name)) {
      breaches.push(`${[...trail.slice(trail.indexOf(name)), name].join(' → ')} is a cycle`)
      return
    }
    if (done.has(name)) return
    for (const { target } of graph.get(name)?.imports ?? []) if (target !== undefined) visit(target, [...trail, name])
    done.add(name)
  }
  for (const name of graph.keys()) visit(name, [])
  return breaches
}

const noBannedNames = perFile(({ file, isBarrel }) => {
  const names = file.replace(/\.[^/]*$/, '').split('/')
  const banned = names.filter((name) => BANNED_NAMES.has(name)).map((name) => `"${name}" says nothing: name the job`)
  const isIndex = names.at(-1) === 'index' || isBarrel
  return [...banned, ...(isIndex ? ['no barrel files: import from the file itself'] : [])]
})

const filesAreShort = perFile(({ file, lines }) => {
  const limit = LONG_FILES[file] ?? MAX_LINES
  if (lines > limit) return [`${lines} lines, at most ${limit}: split it by job`]
  return file in LONG_FILES && lines < limit ? [`has shrunk to ${lines} lines: say so in LONG_FILES`] : []
})

const namesAreKebabCase = perFile(({ file }) =>
  /(^|\/)[^/]*[A-Z_][^/]*$/.test(file.replace(/\/\[[^/]*\]/g, '').replace(/__[a-z]+__/, ''))
    ? ['file names are in kebab-case']
    : [],
)

const GOLDEN_SWITCH = /\bprocess\.env\.UPDATE_GOLDEN\b/g

const environmentIsReadInOnePlace = perFile(({ file, code }, unit) => {
  const isFree = unit === '' || file === 'lib/env.ts' || file === 'instrumentation.ts'
  const rest = isTest(file) ? code.replaceAll(GOLDEN_SWITCH, '') : code
  return !isFree && /\bprocess\s*(\?\.)?(\.\s*env\b|\[)|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/.test(rest)
    ? ['reads process.env: use env() of lib/env']
    : []
})

const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(/, 'reads the clock: take now as a parameter'],
  [
    /\bMath\.random\(|\b(randomUUID|randomBytes|randomInt|getRandomValues)\(/,
    'draws random numbers: take rng as a parameter',
  ],
  [/\b(fetch|setTimeout|setInterval|setImmediate)\(/, 'has effects'],
]
const PURE_NODE_MODULES = new Set(['node:buffer', 'node:crypto'])

const pureUnitsArePure = perFile(({ file, code, imports }, unit) => {
  if (!PURE_UNITS.includes(unit) || isTest(file)) return []
  const nodeModules = BROWSER_UNITS.includes(unit) ? new Set<string>() : PURE_NODE_MODULES
  const impureImports = imports
    .map(({ specifier }) => specifier)
    .filter((name) => (name.startsWith('node:') && !nodeModules.has(name)) || /^(react|next)(-dom|\/|$)/.test(name))
  return [
    ...impureImports.map((name) => `is pure and may not import ${name}`),
    ...IMPURE.filter(([pattern]) => pattern.test(code)).map(([, breach]) => breach),
  ]
})

const clientFilesAreComponents = perFile(({ file, directives }) =>
  directives.includes('use client') && !/^components\/|^app\/(.*\/)?error\.tsx$|^app\/global-error\.tsx$/.test(file)
    ? ["'use client' belongs into components"]
    : [],
)

const noServerActions = perFile(({ directives }) =>
  directives.includes('use server') ? ['no Server Actions: add a route under app/api'] : [],
)

const serverFilesSaySo = perFile(({ file, imports }, unit) =>
  SERVER_ONLY_UNITS.includes(unit) && !isTest(file) && imports[0]?.specifier !== 'server-only'
    ? ["must start with import 'server-only'"]
    : [],
)

/** Every rule by the sentence that it keeps true. */
export const RULES: Readonly<Record<string, Rule>> = {
  'every import is allowed by the dependency table': importsAreListed,
  'imports across units start with @/': otherUnitsAreNamedInFull,
  'packages with one home stay there': packagesStayAtHome,
  'no file imports itself, by whatever way': noCycles,
  'no folder or file has a name that says nothing, and none only re-exports': noBannedNames,
  'no file is longer than 400 lines': filesAreShort,
  'file names are in kebab-case': namesAreKebabCase,
  'only lib/env reads the environment': environmentIsReadInOnePlace,
  'pure units have no I/O, clock, randomness or React': pureUnitsArePure,
  "'use client' stands in components and error pages only": clientFilesAreComponents,
  'there are no Server Actions': noServerActions,
  'server code cannot be bundled for a browser': serverFilesSaySo,
}
