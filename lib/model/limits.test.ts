import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { LIMITS } from './limits'

const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, d: 86_400_000 }

it('docs/limits.md names every limit with its value, and no other', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/limits.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+)(?: (\w+))? \|/gm)]
  const told = Object.fromEntries(rows.map(([, name, value, unit]) => [name, Number(value) * (UNITS[unit ?? ''] ?? 1)]))
  expect(told).toEqual(LIMITS)
})
