import type { SourceCoverage } from '@/lib/model/coverage'
import { formatAgo, formatCount } from '@/lib/view/format'
import { SILENCE_MEANS } from '@/lib/view/source-words'

/** One row per source, cluster and hop: last word, figures of the window, and what its silence means. */
export function SourceTable({ coverage, nowMs }: { coverage: readonly SourceCoverage[]; nowMs: number }) {
  if (coverage.length === 0) return <p className="text-(--text-muted)">No source has sent anything yet.</p>
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">Sources with what they sent in this window</caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-b border-(--border)">
            {['Source', 'Cluster', 'State', 'Newest record'].map((title) => (
              <th key={title} scope="col" className="px-3 py-2 font-medium">
                {title}
              </th>
            ))}
            {['Accepted', 'Rejected', 'Lost at the source'].map((title) => (
              <th key={title} scope="col" className="px-3 py-2 text-right font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {coverage.map((source) => (
            <tr
              key={`${source.source}/${source.cluster}/${source.hop ?? ''}`}
              className="border-b border-(--border) align-top"
            >
              <th scope="row" className="px-3 py-1.5 text-left font-normal whitespace-nowrap">
                {source.source}
                {source.hop ? ` at ${source.hop}` : ''}
              </th>
              <td className="px-3 py-1.5">{source.cluster}</td>
              <td className="px-3 py-1.5">
                {source.isSilent ? <strong>Silent</strong> : 'Sending'}, last word{' '}
                {source.lastReceivedMs ? formatAgo(nowMs - source.lastReceivedMs) : 'never'}.
                {source.isSilent && <span className="block">{SILENCE_MEANS[source.source]}</span>}
              </td>
              <td className="px-3 py-1.5 whitespace-nowrap">
                {source.lastRecordMs ? formatAgo(nowMs - source.lastRecordMs) : '–'}
              </td>
              <td className="px-3 py-1.5 text-right">{formatCount(source.acceptedInWindow)}</td>
              <td className="px-3 py-1.5 text-right">{formatCount(source.rejectedInWindow)}</td>
              <td className="px-3 py-1.5 text-right">{formatCount(source.lostInWindow)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
