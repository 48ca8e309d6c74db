import Link from 'next/link'
import { Chip } from '@/components/ui/chip'
import type { Finding } from '@/lib/model/finding'
import { formatCount, formatMoment } from '@/lib/view/format'
import { CreateLink } from './create-link'

const STATUS: Readonly<Record<Finding['status'], { readonly word: string; readonly meaning: string }>> = {
  open: { word: 'Open', meaning: 'It goes on.' },
  resolved: {
    word: 'Resolved',
    meaning: 'Later evidence answered it, or it was quiet while every source that would have seen it was alive.',
  },
  stale: {
    word: 'Stale: evidence lost',
    meaning: 'Quiet, but a source that would have seen it is silent too, so quiet proves nothing.',
  },
}

/** Findings as rows: what, how bad, how often, whether it goes on, and the ways on from there. */
export function FindingList({ findings, total }: { findings: readonly Finding[]; total: number }) {
  if (findings.length === 0)
    return (
      <p className="max-w-2xl text-(--text-muted)">
        No finding. One opens when a NAT log proves that a call to an AI provider left by an address that its egress
        rule does not sanction, or when a rule covers calls whose door nobody can prove. The Sources page says what is
        connected.
      </p>
    )
  return (
    <>
      <ul className="grid gap-2">
        {findings.map((finding) => (
          <li key={finding.id} className="rounded-md border border-(--border) bg-(--surface) p-3">
            <p className="flex flex-wrap items-center gap-2">
              <strong style={finding.severity === 'critical' ? { color: 'var(--state-violation)' } : undefined}>
                {finding.severity}
              </strong>
              <Chip>{STATUS[finding.status].word}</Chip>
              <Chip>cluster {finding.cluster}</Chip>
            </p>
            <p className="mt-1 text-[14px] break-words">{finding.title}</p>
            <p className="mt-1 text-(--text-muted)">
              {formatCount(finding.count)} {finding.count === 1 ? 'connection' : 'connections'}, first{' '}
              {formatMoment(finding.firstSeenMs)}, last {formatMoment(finding.lastSeenMs)}
              {finding.resolvedMs ? `, resolved ${formatMoment(finding.resolvedMs)}` : ''}.{' '}
              {STATUS[finding.status].meaning}
            </p>
            <div className="mt-2 flex flex-wrap items-center gap-2">
              <Link className="text-(--accent) underline" href={graphLink(finding)}>
                Open on the graph
              </Link>
              <CreateLink findingId={finding.id} />
            </div>
          </li>
        ))}
      </ul>
      {total > findings.length && <p className="mt-2">{total - findings.length} older findings are not shown.</p>}
    </>
  )
}

const MARGIN_MS = 5 * 60_000

function graphLink(finding: Finding): string {
  const params = new URLSearchParams({ scope: 'all', sel: `edge:${finding.edgeIds[0] ?? ''}` })
  if (finding.dataset) params.set('dataset', finding.dataset)
  params.set('from', String(Math.floor(finding.lastSeenMs) - 15 * 60_000))
  params.set(
    'to',
    finding.status === 'open' && !finding.dataset ? 'now' : String(Math.ceil(finding.lastSeenMs) + MARGIN_MS),
  )
  return `/graph?${params}`
}
