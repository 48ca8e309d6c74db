import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addTotals, NO_TOTALS, playwrightTotals, totalsLine, vitestTotals } from './test-totals'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'postern-totals-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function put(name: string, json: unknown): string {
  const file = path.join(folder, name)
  writeFileSync(file, JSON.stringify(json))
  return file
}

describe('totals', () => {
  it('adds both runners into the line that ends npm test', () => {
    const unit = put('v.json', { numPassedTests: 7, numFailedTests: 1, numPendingTests: 2, numTodoTests: 0 })
    const journeys = put('p.json', { stats: { expected: 3, unexpected: 0, flaky: 1, skipped: 0 } })
    const totals = addTotals(vitestTotals(unit, 1), playwrightTotals(journeys, 0))
    expect(totalsLine(totals)).toBe('10 passed, 2 failed, 2 skipped')
  })

  it('mentions skipped tests only where there are any', () => {
    expect(totalsLine({ ...NO_TOTALS, passed: 1 })).toBe('1 passed, 0 failed')
  })

  it('counts a run that broke without a failed test, or left no report, as failed', () => {
    const unit = put('b.json', { numPassedTests: 7, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 })
    expect(vitestTotals(unit, 1)).toEqual({ passed: 7, failed: 1, skipped: 0 })
    expect(playwrightTotals(path.join(folder, 'missing.json'), 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})
