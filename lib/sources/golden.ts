import { expect } from 'vitest'

/**
 * For tests: compares with the reviewed file. `npx vitest run PATH -u` writes what is new or changed; in CI a missing or another
 * file fails.
 */
export const expectGolden = (file: string, actual: unknown): Promise<void> =>
  expect(`${JSON.stringify(actual, null, 2)}\n`).toMatchFileSnapshot(file)
