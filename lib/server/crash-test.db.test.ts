import path from 'node:path'
import { expect, it } from 'vitest'
import { childEnv } from '@/lib/env'
import { runNode } from './run-command'

const root = path.resolve(import.meta.dirname, '../..')
/** About half a minute on a machine that has nothing else to do. */
const DEADLINE_S = 300

// On a PostgreSQL of its own: it is killed.
it(
  'a kill of Postern, of a session of PostgreSQL, and within retention loses and doubles nothing (npm run test:crash has all kinds)',
  async () => {
    const { output } = await runNode(
      [
        ...['--conditions=react-server', '--import', 'tsx', 'lib/server/crash-test.ts'],
        ...['--rounds', '3', '--seed', '4', '--only', 'postern while,session,retention', '--deadline', `${DEADLINE_S}`],
      ],
      { cwd: root, env: childEnv({}), timeoutMs: (DEADLINE_S + 20) * 1000 },
    )
    expect(output).toMatch(/\n3 passed, 0 failed\n$/)
  },
  (DEADLINE_S + 30) * 1000,
)
