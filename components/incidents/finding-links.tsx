import Link from 'next/link'
import type { Finding } from '@/lib/model/finding'

const BEFORE_MS = 15 * 60_000
const MARGIN_MS = 5 * 60_000
const LINK = 'text-(--accent) underline'

/** Ways from a finding to its evidence: each edge on the graph, and the doors. */
export function FindingLinks({ finding }: { finding: Finding }) {
  return (
    <span className="flex flex-wrap gap-x-3 gap-y-1">
      {finding.edgeIds.map((edgeId, at) => (
        <Link key={edgeId} className={LINK} href={`/graph?${viewOf(finding, edgeId)}`}>
          {finding.edgeIds.length === 1 ? 'Open on the graph' : `Edge ${at + 1} on the graph`}
        </Link>
      ))}
      <Link className={LINK} href={`/egress?${viewOf(finding, finding.edgeIds[0])}`}>
        Open on Egress
      </Link>
    </span>
  )
}

/** The stretch in which the finding was seen last. */
function viewOf(finding: Finding, edgeId: string | undefined): URLSearchParams {
  const params = new URLSearchParams({ scope: 'all' })
  if (edgeId !== undefined) params.set('sel', `edge:${edgeId}`)
  if (finding.dataset) params.set('dataset', finding.dataset)
  params.set('from', String(Math.floor(finding.lastSeenMs) - BEFORE_MS))
  const isNow = finding.status === 'open' && !finding.dataset
  params.set('to', isNow ? 'now' : String(Math.ceil(finding.lastSeenMs) + MARGIN_MS))
  return params
}
