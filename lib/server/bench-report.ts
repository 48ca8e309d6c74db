import type { DecodeMeasured } from './bench-decode'

/** What a ratio of ours to its limit has to be. */
export interface Goal {
  readonly is: 'at least' | 'at most'
  readonly ratio: number
}

/** One measurement beside its limit, both of the same run. */
export interface Comparison {
  readonly name: string
  readonly ours: number
  /** What `limit` is. */
  readonly limitName: string
  readonly limit: number
  readonly unit: string
  /** None: the ratio is told and not judged. */
  readonly goal?: Goal
  readonly note?: string
}

export type Verdict = 'met' | 'missed' | '–'

/** Ours by the limit. A limit of 0 is one that must not be passed at all. */
export const ratioOf = ({ ours, limit }: Comparison): number =>
  limit === 0 ? (ours === 0 ? 0 : Infinity) : ours / limit

/** Whether the goal is met; of what was not measured, and of ratios without a goal, nothing is said. */
export function verdictOf(comparison: Comparison): Verdict {
  const { goal } = comparison
  const ratio = ratioOf(comparison)
  if (!goal || Number.isNaN(ratio)) return '–'
  return (goal.is === 'at least' ? ratio >= goal.ratio : ratio <= goal.ratio) ? 'met' : 'missed'
}

/** A part of the run as a table with its title. */
export function comparisonTable(title: string, comparisons: readonly Comparison[]): string {
  const head = ['', 'ours', 'limit', 'ratio', 'goal', '', 'the limit is']
  const rows = comparisons.map((one) => [
    one.note ? `${one.name} (${one.note})` : one.name,
    `${numberOf(one.ours)} ${one.unit}`,
    numberOf(one.limit),
    Number.isNaN(ratioOf(one)) ? '–' : ratioOf(one).toFixed(2),
    one.goal ? `${one.goal.is === 'at least' ? '≥' : '≤'} ${one.goal.ratio}` : '',
    verdictOf(one),
    one.limitName,
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 || column > 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [title, ...[head, ...rows].map((row) => `  ${line(row)}`)].join('\n')
}

/** For `--json`: with ratio and verdict, so that nobody computes them twice. */
export const comparisonJson = (comparison: Comparison): Comparison & { ratio: number; verdict: Verdict } => ({
  ...comparison,
  ratio: ratioOf(comparison),
  verdict: verdictOf(comparison),
})

function numberOf(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

/** Decoders as a table: records/s, and the share of what reading the same bytes to the end could reach. */
export function decodeReport(measured: readonly DecodeMeasured[]): string {
  const width = Math.max(...measured.map(({ name }) => name.length))
  return measured
    .map(({ name, limit, records, seconds, limitSeconds }) => {
      const rate = String(Math.round(records / seconds)).padStart(9)
      const most = String(Math.round(records / limitSeconds)).padStart(9)
      return `${name.padEnd(width)}  ${rate} records/s  ${(limitSeconds / seconds).toFixed(2).padStart(5)} of ${limit} (${most.trim()}/s)`
    })
    .join('\n')
}
