import { readFileSync } from 'node:fs'
import path from 'node:path'

/** The oldest versions without a known hole in what we expose; see docs/decisions/0002-next-floor.md. */
const NEXT_FLOOR = [16, 4, 6] as const
const NODE_FLOOR = [20, 19, 0] as const

/** Refuses to start below the floors of Node and Next.js, in words that say what to do. */
export function checkFloors(root: string): void {
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'node_modules/next/package.json'), 'utf8'))
  const next = typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : '0'
  if (!atLeast(next, NEXT_FLOOR))
    throw new Error(`Next.js ${next} is below the security floor ${NEXT_FLOOR.join('.')}: run npm ci.`)
  if (!atLeast(process.versions.node, NODE_FLOOR))
    throw new Error(`Node ${process.versions.node} is too old: Postern needs ${NODE_FLOOR.join('.')} or newer.`)
}

/** True where `version` (x.y.z, anything after a dash ignored) is `floor` or newer. */
export function atLeast(version: string, floor: readonly number[]): boolean {
  const parts = (version.split('-')[0] ?? '').split('.').map(Number)
  for (const [index, wanted] of floor.entries()) {
    const have = parts[index] ?? 0
    if (have !== wanted) return have > wanted
  }
  return true
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
