import path from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

/** What the rules need to know of one source file. */
export interface SourceFile {
  /** From the project's folder, with slashes. */
  readonly file: string
  readonly lines: number
  /** Text with comments, strings and regular expressions blanked out. */
  readonly code: string
  readonly imports: readonly Import[]
  /** Directives such as 'use client', at the top or in a function. */
  readonly directives: readonly string[]
  readonly isBarrel: boolean
}

export interface Import {
  /** As written. */
  readonly specifier: string
  /** Path from the project's folder without extension, for ours; undefined for packages. */
  readonly target: string | undefined
}

const ROOTS = ['app/', 'components/', 'lib/', 'prisma/', 'e2e/']
const EXTENSION = /\.(tsx?|mjs)$/

/** Parses one file. Throws where it is not valid TypeScript. */
export function readSource(file: string, text: string): SourceFile {
  const { module, comments, program, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  const exported = module.staticExports.flatMap((statement) => statement.entries)
  const reExports = exported.flatMap((entry) => (entry.moduleRequest ? [entry.moduleRequest.value] : []))
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) => unquote(text.slice(start, end)))
  const specifiers = [
    ...module.staticImports.map((statement) => statement.moduleRequest.value),
    ...reExports,
    ...dynamic,
  ]
  const blanks: Span[] = [...comments]
  const directives: string[] = []
  new Visitor({
    Literal: (node) => void (typeof node.value !== 'number' && blanks.push(node)),
    TemplateElement: (node) => void blanks.push(node),
    ExpressionStatement: (node) => void (node.directive && directives.push(node.directive)),
  }).visit(program)
  return {
    file,
    lines: text.replace(/\n$/, '').split('\n').length,
    code: blanks.reduce(blank, text),
    imports: [...new Set(specifiers)].map((specifier) => ({ specifier, target: targetOf(file, specifier) })),
    directives,
    isBarrel: exported.length > 0 && reExports.length === exported.length,
  }
}

function targetOf(file: string, specifier: string): string | undefined {
  const joined = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier
  const own = joined.startsWith('@/') ? joined.slice(2) : joined
  if (own === joined && !specifier.startsWith('.')) return undefined
  return own.replace(EXTENSION, '')
}

/** The unit of the dependency table that a path (with or without extension) belongs to; undefined for free root files. */
export function unitOf(file: string): string | undefined {
  const bare = file.replace(EXTENSION, '')
  if (!ROOTS.some((root) => bare.startsWith(root)))
    return ['instrumentation', 'proxy'].includes(bare) ? `${bare}.ts` : undefined
  const [top = '', second = ''] = bare.split('/')
  if (top === 'lib') return `lib/${second.replace(/\.(test|bench)$/, '')}`
  return bare.startsWith('components/ui/') ? 'components/ui' : top
}

export function isTest(file: string): boolean {
  return /\.(test|bench)\.tsx?$/.test(file)
}

function unquote(text: string): string {
  return text.replace(/^['"`]|['"`]$/g, '')
}

interface Span {
  readonly start: number
  readonly end: number
}

function blank(text: string, { start, end }: Span): string {
  return text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, ' ') + text.slice(end)
}
