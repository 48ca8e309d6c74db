export interface Check {
  readonly name: string
  /** Arguments to Node, from the project's folder. */
  readonly args: readonly string[]
}

/** What `npm run verify` and `npm test` demand of every file. */
export const CHECKS: readonly Check[] = [
  { name: 'format and lint', args: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] },
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'] },
]

/** Tests without a database, the architecture's among them. */
export const PURE_TESTS: Check = {
  name: 'pure tests and architecture',
  args: ['node_modules/vitest/vitest.mjs', 'run', '--exclude', '**/*.db.test.ts'],
}
