import type { SourceCoverage } from '@/lib/model/coverage'
import { formatAgo, formatCount } from '@/lib/view/format'

/** What each source told: empty is not unknown, so a silent source is named beside whatever is drawn. */
export function CoverageLine({ coverage, nowMs }: { coverage: readonly SourceCoverage[]; nowMs: number }) {
  if (coverage.length === 0) return <p className="text-(--text-muted)">No source has sent anything yet.</p>
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-(--text-muted)" aria-label="Sources">
      {coverage.map((source) => (
        <li key={`${source.source}/${source.cluster}/${source.hop ?? ''}`}>
          {source.source} {source.cluster}
          {source.hop ? `/${source.hop}` : ''}:{' '}
          {source.lastReceivedMs ? formatAgo(nowMs - source.lastReceivedMs) : 'no word'}
          {source.isSilent && <strong className="text-(--text)"> · silent</strong>}
          {source.rejectedInWindow > 0 && (
            <strong className="text-(--text)"> · {formatCount(source.rejectedInWindow)} rejected</strong>
          )}
          {source.lostInWindow > 0 && (
            <strong className="text-(--text)"> · {formatCount(source.lostInWindow)} lost</strong>
          )}
        </li>
      ))}
    </ul>
  )
}
