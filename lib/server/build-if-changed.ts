import { spawn } from 'node:child_process'
import { createHash, type Hash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { childEnv } from '@/lib/env'

/** Everything that the built program can depend on. */
const INPUTS = [
  'app',
  'components',
  'lib',
  'prisma/schema.prisma',
  'public',
  'instrumentation.ts',
  'next.config.ts',
  'package-lock.json',
  'postcss.config.mjs',
  'proxy.ts',
  'tsconfig.json',
]
const IGNORED = /\.test\.tsx?$|\.bench\.ts$|\/__(golden|fixtures)__$|^lib\/store\/generated$/
const BUILD_TIMEOUT_MS = 10 * 60_000

/**
 * Runs `next build` unless the last build was made from the same sources, lockfile and Node version. Throws with the
 * build's output where it fails. `signal` ends it.
 */
export async function buildIfChanged(root: string, signal?: AbortSignal): Promise<void> {
  const stampFile = path.join(root, '.postern', 'build-hash')
  const sources = hashOfSources(root)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp(root, sources)) return
  console.log('Building the pages, as the sources are new or changed; this takes about a minute …')
  await runBuild(root, signal)
  mkdirSync(path.dirname(stampFile), { recursive: true, mode: 0o700 })
  writeFileSync(stampFile, stamp(root, sources))
}

/** The build's own id tells that `.next` is still the build that the stamp was written for. */
function stamp(root: string, sources: string): string {
  const idFile = path.join(root, '.next', 'BUILD_ID')
  return `${sources} ${existsSync(idFile) ? readFileSync(idFile, 'utf8') : 'none'}`
}

function runBuild(root: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'node_modules/next/dist/bin/next'), 'build'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: childEnv({ NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }),
      timeout: BUILD_TIMEOUT_MS,
      signal,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output = `${output}${chunk.toString()}`.slice(-20_000)
      })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`The build failed:\n${output}`))))
  })
}

/** sha256 over names and bytes of all sources that reach the built program. */
function hashOfSources(root: string): string {
  const hash = createHash('sha256').update(process.version)
  for (const input of INPUTS) if (existsSync(path.join(root, input))) addToHash(hash, root, input)
  return hash.digest('hex')
}

function addToHash(hash: Hash, root: string, name: string): void {
  if (IGNORED.test(name)) return
  const file = path.join(root, name)
  if (statSync(file).isDirectory()) {
    for (const entry of readdirSync(file).sort()) addToHash(hash, root, `${name}/${entry}`)
    return
  }
  hash.update(name).update('\0').update(readFileSync(file)).update('\0')
}
