'use client'
import type { SourceLine } from '@/lib/model/source-report'
import { formatMoment } from '@/lib/view/format'
import { sourceName } from '@/lib/view/source-words'
import { SourceRow } from './source-row'

const TEXT_COLUMNS = ['Source', 'Cluster', 'State', 'Newest record']
const FIGURE_COLUMNS = ['Rate', 'Accepted', 'Duplicates', 'Rejected', 'Lost at the source']

interface Props {
  readonly sources: readonly SourceLine[]
  readonly fromMs: number
  readonly nowMs: number
}

/** One row per source, cluster and hop: last word, lag, rate, figures of the window, and what its silence means. */
export function SourceTable({ sources, fromMs, nowMs }: Props) {
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px]">
        <caption className="px-3 py-2 text-left text-(--text-muted)">
          Counts are of what was received since {formatMoment(fromMs)}; the rate is of the last five minutes.
        </caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-y border-(--border)">
            {TEXT_COLUMNS.map((title) => (
              <th key={title} scope="col" className="px-3 py-2 font-medium">
                {title}
              </th>
            ))}
            {FIGURE_COLUMNS.map((title) => (
              <th key={title} scope="col" className="px-3 py-2 text-right font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <SourceRow key={sourceName(source)} source={source} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </div>
  )
}
