import { Part } from '@/components/ui/part'
import type { SpanRow } from '@/lib/model/edge-detail'
import type { AiFacts } from '@/lib/model/graph'
import type { Mismatch } from '@/lib/model/mismatch'
import { RecentSpans } from '../recent-spans'
import { AiFigures } from './ai-figures'
import { MismatchNotes } from './mismatch-notes'

interface Props {
  readonly of: 'edge' | 'node'
  readonly ai?: AiFacts
  readonly spans: readonly SpanRow[]
  readonly total: number
  readonly mismatches: readonly Mismatch[]
  /** The spans of failed calls alone are wanted. */
  onFailed(): void
}

/** What traces say: model calls, where they and the flows do not fit together, and the spans themselves. */
export function SpanRecords({ of, ai, spans, total, mismatches, onFailed }: Props) {
  return (
    <>
      {ai && (
        <Part title="Model calls">
          <AiFigures ai={ai} onFailed={onFailed} />
        </Part>
      )}
      <MismatchNotes mismatches={mismatches} />
      <div id="panel-spans">
        <Part title="Spans">
          {spans.length === 0 ? (
            <p className="text-(--text-muted)">
              No span of this window tells of {of === 'edge' ? 'this edge' : 'its calls'}. Spans come by OTLP from the
              workloads themselves (docs/otlp.md).
            </p>
          ) : (
            <RecentSpans spans={spans} total={total} />
          )}
        </Part>
      </div>
    </>
  )
}
