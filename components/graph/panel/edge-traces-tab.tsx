import { Part } from '@/components/ui/part'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import { RecentSpans } from '../recent-spans'
import { AiFigures } from './ai-figures'
import { MismatchNotes } from './mismatch-notes'

/** What traces say: model calls, spans of both ends, and where they and the flows do not fit together. */
export function EdgeTracesTab({ detail }: { detail: EdgeDetail }) {
  const { edge, spans, spansTotal, mismatches = [] } = detail
  return (
    <>
      {edge.ai && (
        <Part title="Model calls">
          <AiFigures ai={edge.ai} />
        </Part>
      )}
      <MismatchNotes mismatches={mismatches} />
      <Part title="Spans">
        {spans.length === 0 ? (
          <p className="text-(--text-muted)">
            No span of this window tells of this edge. Spans come by OTLP from the workloads themselves (docs/otlp.md).
          </p>
        ) : (
          <RecentSpans spans={spans} total={spansTotal} />
        )}
      </Part>
    </>
  )
}
