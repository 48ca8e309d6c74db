import Link from 'next/link'
import { Part } from '@/components/ui/part'
import type { EdgeDetail } from '@/lib/model/edge-detail'

/** Findings of what is selected, each leading to its page; nothing where there are none. */
export function FindingLinks({ findings }: Pick<EdgeDetail, 'findings'>) {
  if (findings.length === 0) return null
  return (
    <div className="mb-3">
      <Part title="Findings">
        <ul className="grid gap-1">
          {findings.map((finding) => (
            <li key={finding.id} className="break-words">
              <strong>{finding.status}</strong>:{' '}
              <Link className="hover:underline" href={`/findings/${finding.id}`}>
                {finding.title}
              </Link>
            </li>
          ))}
        </ul>
      </Part>
    </div>
  )
}
