import { expect } from 'vitest'

/** Shown only where there are any, so that a new kind of record leaves the reviewed files of other sources alone. */
const withoutEmptyDns = (key: string, value: unknown): unknown =>
  key === 'dnsRecords' && Array.isArray(value) && value.length === 0 ? undefined : value

/**
 * For tests: compares with the reviewed file. `npx vitest run PATH -u` writes what is new or changed; in CI a missing or another
 * file fails.
 */
export const expectGolden = (file: string, actual: unknown): Promise<void> =>
  expect(`${JSON.stringify(actual, withoutEmptyDns, 2)}\n`).toMatchFileSnapshot(file)
