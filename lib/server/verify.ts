import path from 'node:path'
import { childEnv } from '@/lib/env'
import { CHECKS, type Check, PURE_TESTS } from './checks'
import { runNode } from './run-command'

const root = path.resolve(import.meta.dirname, '../..')
const TIMEOUT_MS = 5 * 60_000

/** `npm run verify`: all that can be known without a database, a build or a browser, side by side. */
async function main(): Promise<void> {
  const codes = await Promise.all([...CHECKS, PURE_TESTS].map(report))
  process.exit(codes.every((code) => code === 0) ? 0 : 1)
}

async function report({ name, args }: Check): Promise<number> {
  const startMs = Date.now()
  const { code, output } = await runNode(args, { cwd: root, env: childEnv({}), timeoutMs: TIMEOUT_MS })
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1)
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)${code === 0 ? '' : `\n${output}`}`)
  return code
}

process.once('SIGINT', () => process.exit(130))
await main()
