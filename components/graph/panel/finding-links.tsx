import Link from 'next/link'
import { Part } from '@/components/ui/part'
import type { EdgeDetail } from '@/lib/model/edge-detail'

/** As many stand above the tabs; the rest is folded away. */
const SHOWN = 2

/** Findings of what is selected, each leading to its page; nothing where there are none. */
export function FindingLinks({ findings }: Pick<EdgeDetail, 'findings'>) {
  if (findings.length === 0) return null
  const more = findings.length - SHOWN
  return (
    <div className="mb-3">
      <Part title={findings.length === 1 ? 'Finding' : `Findings (${findings.length})`}>
        <Links findings={findings.slice(0, SHOWN)} />
        {more > 0 && (
          <details>
            <summary className="cursor-pointer text-(--text-muted)">{more} more</summary>
            <Links findings={findings.slice(SHOWN)} />
          </details>
        )}
      </Part>
    </div>
  )
}

function Links({ findings }: Pick<EdgeDetail, 'findings'>) {
  return (
    <ul className="grid gap-1">
      {findings.map((finding) => (
        <li key={finding.id} className="wrap-anywhere">
          <strong>{finding.status}</strong>:{' '}
          <Link className="text-(--accent) underline" href={`/findings/${finding.id}`}>
            {finding.title}
          </Link>
        </li>
      ))}
    </ul>
  )
}
