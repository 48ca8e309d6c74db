import { CopyButton } from '@/components/ui/copy-button'
import type { SpanRow } from '@/lib/model/edge-detail'
import { shownText } from '@/lib/model/shown-text'
import { formatClock, formatCount } from '@/lib/view/format'

const NS_PER_MS = 1_000_000

/** Spans of both ends of the edge, newest first: what was called, by which model, with how many tokens, how long. */
export function RecentSpans({ spans, total }: { spans: readonly SpanRow[]; total: number }) {
  if (spans.length === 0) return null
  return (
    <>
      <p className="text-(--text-muted)">
        Newest {spans.length} of {total} spans
      </p>
      <ul className="mt-1 grid gap-1.5">
        {spans.map(({ span }) => (
          <li key={`${span.traceId}/${span.spanId}`} className="rounded-md border border-(--border) p-2">
            <p className="wrap-anywhere">
              {formatClock(span.startMs)} · {span.entry ? 'received: ' : ''}
              {shownText(span.ai?.operation ?? span.name)}
              {span.ai?.responseModel || span.ai?.requestModel
                ? ` · ${shownText(span.ai.responseModel ?? span.ai.requestModel ?? '')}`
                : ''}{' '}
              · {formatCount(Math.round(span.durationNs / NS_PER_MS))} ms
              {span.isError ? ` · failed${span.errorType ? ` (${shownText(span.errorType)})` : ''}` : ''}
            </p>
            {span.ai && (
              <p className="text-(--text-muted)">
                {formatCount(span.ai.inputTokens ?? 0)} tokens in, {formatCount(span.ai.outputTokens ?? 0)} out
              </p>
            )}
            <p className="flex flex-wrap items-center gap-2 text-(--text-muted)">
              <span className="font-mono text-[11px] break-all">trace {span.traceId}</span>
              <CopyButton text={span.traceId} />
            </p>
          </li>
        ))}
      </ul>
    </>
  )
}
