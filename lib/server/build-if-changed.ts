import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { childEnv } from '@/lib/env'

const INPUTS = [
  'app',
  'components',
  'lib',
  'public',
  'prisma',
  'next.config.ts',
  'proxy.ts',
  'instrumentation.ts',
  'postcss.config.mjs',
  'tsconfig.json',
  'package-lock.json',
]

/** Runs `next build` where sources or lockfile differ from those of the last build; throws if the build fails. */
export function buildIfChanged(root: string): void {
  const stamp = path.join(root, '.next', 'postern-sources')
  const hash = hashOf(root)
  const isBuilt =
    existsSync(path.join(root, '.next', 'BUILD_ID')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
  if (isBuilt) return
  console.log('Building (sources changed); this takes about half a minute …')
  const result = spawnSync(process.execPath, [path.join(root, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: root,
    encoding: 'utf8',
    env: childEnv({ NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }),
  })
  if (result.status !== 0) throw new Error(`The build failed:\n${result.stdout}\n${result.stderr}`)
  mkdirSync(path.dirname(stamp), { recursive: true })
  writeFileSync(stamp, hash)
}

function hashOf(root: string): string {
  const hash = createHash('sha256').update(process.version)
  for (const input of INPUTS) {
    const file = path.join(root, input)
    if (existsSync(file)) addToHash(hash, root, file)
  }
  return hash.digest('hex')
}

function addToHash(hash: ReturnType<typeof createHash>, root: string, file: string): void {
  if (statSync(file).isDirectory()) {
    for (const name of readdirSync(file).sort()) if (name !== 'generated') addToHash(hash, root, path.join(file, name))
    return
  }
  if (/\.test\.tsx?$/.test(file)) return
  hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0')
}
