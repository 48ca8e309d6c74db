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
        <p className="flex flex-wrap items-baseline gap-x-2 border-b border-(--border) bg-(--surface-2) px-4 py-1.5">
          <TriangleAlert aria-hidden size={14} className="flex-none self-center" />
          <strong className="font-semibold">The graph is partial:</strong>
          {parts.slice(0, NAMED).map(({ text, missing }) => (
            <span key={text} className="break-words">
              {text}; {missing} may be missing.
            </span>
          ))}
          {parts.length > NAMED && <span>And {parts.length - NAMED} more.</span>}
          <Link href="/sources" className="underline">
            Sources
          </Link>
        </p>
      )}
    </div>
  )
}
