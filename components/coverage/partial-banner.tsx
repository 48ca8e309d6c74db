import { TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import type { SourceCoverage } from '@/lib/model/coverage'
import { missingParts } from '@/lib/view/partial-graph'

/** More would push the graph down: the Sources page has all. */
const NAMED = 2

interface Props {
  readonly coverage: readonly SourceCoverage[]
  readonly cluster: string
  /** End of the window that is shown. */
  readonly windowEndMs: number
  readonly nowMs: number
}

/** Says while it holds that the graph does not show everything, and what of it is missing. */
export function PartialBanner({ coverage, cluster, windowEndMs, nowMs }: Props) {
  const parts = missingParts(coverage, { cluster, windowEndMs, nowMs })
  return (
    <div role="status" aria-label="Completeness of the graph">
      {parts.length > 0 && (
        <p className="border-b border-(--border) bg-(--surface-2) px-4 py-1.5 break-words">
          <TriangleAlert aria-hidden size={14} className="mr-1.5 inline align-[-2px]" />
          <strong className="font-semibold">The graph is partial:</strong>{' '}
          {parts
            .slice(0, NAMED)
            .map(({ text, missing }) => `${text}; ${missing} may be missing.`)
            .join(' ')}{' '}
          {parts.length > NAMED && `And ${parts.length - NAMED} more. `}
          <Link href="/sources" className="underline">
            Sources
          </Link>
        </p>
      )}
    </div>
  )
}
