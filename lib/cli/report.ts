import { IGNORE_REASONS, type IgnoreReason } from '@/lib/model/decoded'
import type { IngestResult, RejectGroup } from '@/lib/model/ingest-result'
import { formatCount } from '@/lib/view/format'
import { DEFAULT_VIEW, serializeGraphView } from '@/lib/view/graph-view'
import type { ImportOptions } from './import-options'

const LINES_SHOWN = 5
const VIEW_PAD_MS = 60_000

/** What became of the records of a file, or of all. */
export interface Totals {
  accepted: number
  duplicates: number
  ignored: Partial<Record<IgnoreReason, number>>
  rejected: number
  rejects: RejectGroup[]
  requests: number
  firstMs: number | undefined
  lastMs: number | undefined
}

export type FileReport =
  | { readonly file: string; readonly state: 'skipped'; readonly problem: string }
  | { readonly file: string; readonly state: 'sent'; readonly format: string; readonly totals: Totals }
  | {
      readonly file: string
      readonly state: 'failed'
      readonly format?: string
      readonly problem: string
      readonly isFinal: boolean
      /** What was sent before. */
      readonly totals: Totals
    }

export const emptyTotals = (): Totals => ({
  accepted: 0,
  duplicates: 0,
  ignored: {},
  rejected: 0,
  rejects: [],
  requests: 0,
  firstMs: undefined,
  lastMs: undefined,
})

/** Adds an answer, or the totals of a file. */
export function addResult(totals: Totals, result: IngestResult | Totals): void {
  totals.accepted += result.accepted
  totals.duplicates += result.duplicates
  totals.rejected += result.rejected
  for (const [reason, count] of entriesOf(result.ignored))
    totals.ignored[reason] = (totals.ignored[reason] ?? 0) + count
  for (const group of result.rejects) totals.rejects = addGroup(totals.rejects, group)
  if (result.firstMs !== undefined) totals.firstMs = Math.min(totals.firstMs ?? result.firstMs, result.firstMs)
  if (result.lastMs !== undefined) totals.lastMs = Math.max(totals.lastMs ?? result.lastMs, result.lastMs)
}

function addGroup(groups: readonly RejectGroup[], more: RejectGroup): RejectGroup[] {
  const known = groups.find((group) => group.reason === more.reason)
  if (!known) return [...groups, more]
  const lines = [...known.lines, ...more.lines].slice(0, LINES_SHOWN)
  return groups.map((group) => (group === known ? { ...group, count: group.count + more.count, lines } : group))
}

const entriesOf = (ignored: Totals['ignored']): readonly (readonly [IgnoreReason, number])[] =>
  IGNORE_REASONS.flatMap((reason) => {
    const count = ignored[reason] ?? 0
    return count > 0 ? [[reason, count] as const] : []
  })

/** A file in a line, and below it why records were refused. */
export function fileLines(report: FileReport, options: ImportOptions): string[] {
  if (report.state === 'skipped') return [`${report.file}: skipped: ${report.problem}`]
  const format = report.format ? ` (${report.format})` : ''
  const head =
    report.state === 'failed'
      ? [`${report.file}${format}: FAILED: ${report.problem}`]
      : [`${report.file}${format}: ${figures(report.totals, report.format)}`]
  return [...head, ...rejectLines(report.totals, options)]
}

function figures(totals: Totals, format: string): string {
  if (format.startsWith('otlp/'))
    return `${totals.requests} ${totals.requests === 1 ? 'request' : 'requests'} sent, ${formatCount(totals.rejected)} refused`
  const ignored = entriesOf(totals.ignored).reduce((sum, [, count]) => sum + count, 0)
  return [
    `${formatCount(totals.accepted)} accepted`,
    `${formatCount(totals.duplicates)} already there`,
    `${formatCount(ignored)} ignored`,
    `${formatCount(totals.rejected)} rejected`,
  ].join(', ')
}

function rejectLines({ rejects }: Totals, { dataset }: ImportOptions): string[] {
  return [...rejects]
    .sort((a, b) => b.count - a.count)
    .map(({ reason, count, lines, hint, detail }) => {
      const where = lines.length > 0 ? ` (line ${lines.join(', ')}${count > lines.length ? ', …' : ''})` : ''
      // What the answer to a request says is said here in this command's own words.
      const remedy =
        reason === 'too_old' && dataset === ''
          ? 'Older than the live data reach; import them beside these: --dataset NAME.'
          : hint
      const words = [detail && `${detail}.`, remedy].filter(Boolean).join(' ')
      return `    ${formatCount(count)} × ${reason}${where}: ${words}`
    })
}

/** The last lines: sums, and where to look. */
export function summaryLines(reports: readonly FileReport[], { url, dataset }: ImportOptions): string[] {
  const all = emptyTotals()
  for (const report of reports) if (report.state !== 'skipped') addResult(all, report.totals)
  const of = (state: FileReport['state']) => reports.filter((report) => report.state === state).length
  const lines = ['', `${of('sent')} files sent, ${of('skipped')} skipped, ${of('failed')} failed: ${figures(all, '')}`]
  if (all.firstMs === undefined || all.lastMs === undefined) return lines
  const view = serializeGraphView({
    ...DEFAULT_VIEW,
    from: String(Math.floor(all.firstMs) - VIEW_PAD_MS),
    to: String(Math.ceil(all.lastMs) + VIEW_PAD_MS),
    scope: 'all',
    dataset,
  })
  return [...lines, `View  ${url}/graph?${view}`]
}

/** 0: everything was taken. 1: a file failed, records were refused, or there was nothing to send. */
export function exitCode(reports: readonly FileReport[]): 0 | 1 {
  const isFine = (report: FileReport) =>
    report.state === 'skipped' || (report.state === 'sent' && report.totals.rejected === 0)
  return reports.every(isFine) && reports.some((report) => report.state === 'sent') ? 0 : 1
}
