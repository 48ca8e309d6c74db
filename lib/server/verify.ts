import { spawn } from 'node:child_process'

const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['format and lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '.']],
  ['types', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.']],
  ['pure tests and architecture', ['node_modules/vitest/vitest.mjs', 'run', '--exclude', '**/*.db.test.ts']],
]

/** `npm run verify`: what can be known without a database or a browser, side by side. */
const results = await Promise.all(CHECKS.map(run))
for (const { name, code, output } of results)
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}${code === 0 ? '' : `\n${output}`}`)
process.exit(results.every((result) => result.code === 0) ? 0 : 1)

function run([name, args]: readonly [string, readonly string[]]): Promise<{
  name: string
  code: number
  output: string
}> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('exit', (code) => resolve({ name, code: code ?? 1, output }))
  })
}
