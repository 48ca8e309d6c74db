import Link from 'next/link'
import type { SourceCoverage } from '@/lib/model/coverage'
import { formatAgo, formatCount } from '@/lib/view/format'

/** More than these would push the graph down. */
const NAMED = 4

interface Props {
  readonly coverage: readonly SourceCoverage[]
  readonly nowMs: number
  /** Every source by name, however many. */
  readonly isWhole?: boolean
}

/**
 * What each source told: empty is not unknown, so a silent source is named beside whatever is drawn. Of many sources only
 * those in trouble are named, the silent ones first; the Sources page has all.
 */
export function CoverageLine({ coverage, nowMs, isWhole = false }: Props) {
  if (coverage.length === 0) return <p className="text-(--text-muted)">No source has sent anything yet.</p>
  const isShort = !isWhole && coverage.length > NAMED
  const troubled = [...coverage].filter(isTroubled).sort((a, b) => Number(b.isSilent) - Number(a.isSilent))
  const named = isShort ? troubled.slice(0, NAMED) : coverage
  const others = troubled.length - named.length
  const newestMs = Math.max(...coverage.map((source) => source.lastReceivedMs ?? 0))
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-(--text-muted)" aria-label="Sources">
      {isShort && (
        <li>
          <Link href="/sources" className="underline">
            {coverage.length} sources
          </Link>
          , last record {formatAgo(nowMs - newestMs)}
        </li>
      )}
      {named.map((source) => (
        <li key={`${source.source}/${source.cluster}/${source.hop ?? ''}`}>
          <Source source={source} nowMs={nowMs} />
        </li>
      ))}
      {isShort && others > 0 && <li>{others} more in trouble</li>}
    </ul>
  )
}

function Source({ source, nowMs }: { source: SourceCoverage; nowMs: number }) {
  return (
    <>
      {source.source} {source.cluster}
      {source.hop ? `/${source.hop}` : ''}:{' '}
      {source.lastReceivedMs ? formatAgo(nowMs - source.lastReceivedMs) : 'no record'}
      {source.isSilent && <strong className="text-(--text)"> · silent</strong>}
      {source.rejectedInWindow > 0 && (
        <strong className="text-(--text)"> · {formatCount(source.rejectedInWindow)} rejected</strong>
      )}
      {source.lostInWindow > 0 && <strong className="text-(--text)"> · {formatCount(source.lostInWindow)} lost</strong>}
    </>
  )
}

const isTroubled = ({ isSilent, rejectedInWindow, lostInWindow }: SourceCoverage): boolean =>
  isSilent || rejectedInWindow > 0 || lostInWindow > 0
