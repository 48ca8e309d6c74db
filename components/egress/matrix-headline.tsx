import type { EgressMatrix } from '@/lib/model/matrix'
import { formatBytes, formatCount, formatShare } from '@/lib/view/format'
import { shareCounts, shareWords } from '@/lib/view/matrix-words'

/** The verified share, first and largest; violations never stand alone. Where nothing can be proved, that is said in its place. */
export function MatrixHeadline({ matrix, windowWords }: { matrix: EgressMatrix; windowWords: string }) {
  const { share, counts, cells, bytes } = matrix.totals
  return (
    <div>
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="text-[28px] leading-9 font-semibold">{shareWords(share)} verified</span>
        <span className="text-[15px]">
          <strong>{formatCount(cells.violation)}</strong> {cells.violation === 1 ? 'violation' : 'violations'}
        </span>
        <span className="text-(--text-muted)">
          {shareCounts(share)} connections to providers, {windowWords}
        </span>
      </p>
      <p className="text-(--text-muted)">
        {[
          `${formatCount(counts.sanctioned)} proven sanctioned`,
          `${formatCount(counts.violation)} proven outside`,
          `${formatCount(counts.unverified)} unverified`,
          ...(counts.no_rule > 0 ? [`${formatCount(counts.no_rule)} without a rule`] : []),
          ...(counts.blocked > 0 ? [`${formatCount(counts.blocked)} blocked`] : []),
          ...(counts.broken > 0 ? [`${formatCount(counts.broken)} lost at a broken gateway`] : []),
          ...(counts.not_applicable > 0 ? [`${formatCount(counts.not_applicable)} to private addresses`] : []),
        ].join(' · ')}
        {bytes &&
          ` · in bytes at least ${formatShare(bytes.provenAtLeast / bytes.total)} of the ${formatBytes(bytes.total)} that sources count`}
      </p>
      {!matrix.hasEvidenceSource && (
        <p role="status" className="mt-2 rounded-md border border-(--border) bg-(--surface-2) p-2">
          <strong>No source of NAT evidence has spoken in this window: nothing here can be proved.</strong> Open a cell:
          it says which source to connect, and how.
        </p>
      )}
    </div>
  )
}
