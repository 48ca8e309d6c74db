import Link from 'next/link'
import { Chip } from '@/components/ui/chip'
import type { CaseSummary } from '@/lib/model/incident-case'
import { formatCount, formatMoment } from '@/lib/view/format'
import { SeverityMark } from './severity-mark'

/** Incidents as rows, open ones first: the sentence, who looks after it, and what is left of it. */
export function CaseList({ cases, total }: { cases: readonly CaseSummary[]; total: number }) {
  if (cases.length === 0)
    return (
      <p className="max-w-2xl text-(--text-muted)">
        No incident. One opens when a finding is bad and proven; findings of the same cause come into it.
      </p>
    )
  return (
    <>
      <ul className="grid gap-2">
        {cases.map((one) => (
          <li key={one.id} className="rounded-md border border-(--border) bg-(--surface) p-3">
            <p className="flex flex-wrap items-center gap-2">
              {one.severity && <SeverityMark severity={one.severity} />}
              <Chip>{one.status === 'open' ? 'Open' : 'Resolved'}</Chip>
              <Chip>cluster {one.cluster}</Chip>
            </p>
            <Link href={`/incidents/${one.id}`} className="mt-1 block text-[14px] break-words hover:underline">
              {one.summary}
            </Link>
            <p className="mt-1 text-(--text-muted)">
              {one.owner ? `Owner ${one.owner}` : 'No owner'} · {formatCount(one.findings)}{' '}
              {one.findings === 1 ? 'finding' : 'findings'},{' '}
              {one.unsettled === 0 ? 'all settled' : `${formatCount(one.unsettled)} not settled yet`} · opened{' '}
              {formatMoment(one.openedMs)}
              {one.resolvedMs === undefined ? '' : ` · resolved ${formatMoment(one.resolvedMs)}`}
            </p>
          </li>
        ))}
      </ul>
      {total > cases.length && <p className="mt-2">{total - cases.length} older incidents are not shown.</p>}
    </>
  )
}
