import { describe, expect, it } from 'vitest'
import { benchOptions } from './bench-options'
import { type Comparison, comparisonJson, comparisonTable, verdictOf } from './bench-report'

const one = (changes: Partial<Comparison>): Comparison => ({
  name: 'a stage',
  ours: 40,
  limit: 100,
  unit: 'flows/s',
  limitName: 'the least there is',
  ...changes,
})

describe('verdicts of the benchmark', () => {
  it('a goal is met on its own side of the ratio, missed on the other, and nothing is said without one', () => {
    expect(verdictOf(one({ goal: { is: 'at least', ratio: 0.4 } }))).toBe('met')
    expect(verdictOf(one({ goal: { is: 'at least', ratio: 0.41 } }))).toBe('missed')
    expect(verdictOf(one({ goal: { is: 'at most', ratio: 0.4 } }))).toBe('met')
    expect(verdictOf(one({ goal: { is: 'at most', ratio: 0.39 } }))).toBe('missed')
    expect(verdictOf(one({}))).toBe('–')
  })

  it('what was not measured is never met; a limit of none is passed by one', () => {
    expect(verdictOf(one({ ours: Number.NaN, goal: { is: 'at most', ratio: 3 } }))).toBe('–')
    const none = { limit: 0, goal: { is: 'at most', ratio: 0 } } as const
    expect([verdictOf(one({ ours: 0, ...none })), verdictOf(one({ ours: 1, ...none }))]).toEqual(['met', 'missed'])
  })

  it('the table and the JSON say the ratio and the verdict', () => {
    const comparison = one({ note: 'as told', goal: { is: 'at least', ratio: 0.5 } })
    expect(comparisonTable('Title', [comparison])).toMatch(
      /^Title\n.*\n {2}a stage \(as told\) .*0\.40 .*≥ 0\.5 .*missed/,
    )
    expect(comparisonJson(comparison)).toMatchObject({ ratio: 0.4, verdict: 'missed' })
  })
})

describe('options of the benchmark', () => {
  it('ten million flows and everything by default, fewer where asked', () => {
    expect(benchOptions([])).toMatchObject({ flows: 10_000_000, isJson: false, hasRoute: true })
    expect(benchOptions([]).halves.size).toBe(5)
    expect(benchOptions(['--quick']).flows).toBe(500_000)
    expect(benchOptions(['--flows', '20000', '--only', 'ingest,query', '--json'])).toMatchObject({
      flows: 20_000,
      halves: new Set(['ingest', 'query']),
      isJson: true,
    })
  })

  it.each([
    [['--flows', 'many'], /--flows/],
    [['--flows'], /wants a value/],
    [['--flows', '10'], /at least/],
    [['--only', 'ingest,none'], /--only/],
    [['--fast'], /--fast is unknown/],
  ])('%j is refused with its reason', (args, reason) => {
    expect(() => benchOptions(args)).toThrow(reason)
  })
})
