'use client'
import { useQuery } from '@tanstack/react-query'
import { fetchJson } from '@/components/providers/fetch-json'
import { CopyButton } from '@/components/ui/copy-button'
import type { SpanRow } from '@/lib/model/edge-detail'
import { shownText } from '@/lib/model/shown-text'
import type { TimeRange } from '@/lib/model/time-range'
import { formatExact } from '@/lib/view/flow-words'
import { formatMoment } from '@/lib/view/format'
import type { GraphView } from '@/lib/view/graph-view'

interface Props {
  readonly params: string
  readonly isOnlyFailed: boolean
  readonly of: string
  readonly isLive: boolean
  change(part: Partial<GraphView>): void
}

const AGAIN_MS = 15_000
const NS_PER_MS = 1_000_000

/** The newest spans of the view and its selection, or of its failed calls alone: who called what, how long it took, and whether it failed. */
export function DockTraces({ params, isOnlyFailed, of, isLive, change }: Props) {
  const path = `/api/flows/spans?${params}${isOnlyFailed ? `${params && '&'}failed=1` : ''}`
  const what = isOnlyFailed ? 'spans of failed calls' : 'spans'
  const { data, error } = useQuery({
    queryKey: ['view-spans', path],
    queryFn: () => fetchJson<{ spans: SpanRow[]; window: TimeRange }>(path),
    staleTime: 0,
    refetchInterval: isLive ? AGAIN_MS : false,
  })
  if (error)
    return (
      <p role="alert" className="p-3">
        The spans could not be loaded: {error.message}
      </p>
    )
  if (!data) return <p className="p-3 text-(--text-muted)">Loading the spans …</p>
  if (data.spans.length === 0)
    return <p className="p-3">No span {isOnlyFailed ? `of a failed call ${of}` : of} began in this window.</p>
  return (
    <section aria-label={`${isOnlyFailed ? 'Spans of failed calls' : 'Spans'} ${of}`} className="h-full overflow-auto">
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">
          The newest {data.spans.length} {what} {of}
        </caption>
        <thead className="sticky top-0 bg-(--surface) text-left text-(--text-muted)">
          <tr>
            {['Start', 'Service', 'Span', 'To', 'Took', 'Status', 'Tokens in / out', 'Trace'].map((title) => (
              <th
                key={title}
                scope="col"
                className="border-b border-(--border) px-2 py-1 font-medium whitespace-nowrap"
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.spans.map(({ edgeId, span, hasFailed }) => (
            <tr key={`${span.traceId}/${span.spanId}`} className="border-b border-(--border) hover:bg-(--surface-2)">
              <td className="px-2 whitespace-nowrap">
                {edgeId === undefined ? (
                  formatMoment(span.startMs)
                ) : (
                  <button
                    type="button"
                    className="hover:underline"
                    aria-label={`Select the edge of ${shownText(span.name)}, ${formatMoment(span.startMs)}`}
                    onClick={() => change({ selected: `edge:${edgeId}` })}
                  >
                    {formatMoment(span.startMs)}
                  </button>
                )}
              </td>
              <td className="px-2">{shownText(span.serviceName)}</td>
              <td className="px-2">{shownText(span.ai?.operation ?? span.name)}</td>
              <td className="px-2">
                {span.entry ? 'received' : shownText(span.peer?.name ?? span.queue?.name ?? '–')}
              </td>
              <td className="px-2 text-right whitespace-nowrap">
                {formatExact(Math.round(span.durationNs / NS_PER_MS))} ms
              </td>
              <td className="px-2">
                {span.isError
                  ? `failed${span.errorType ? ` (${shownText(span.errorType)})` : ''}`
                  : hasFailed
                    ? 'failed, by the other side'
                    : (span.httpStatus ?? 'ok')}
              </td>
              <td className="px-2 text-right">
                {span.ai ? `${formatExact(span.ai.inputTokens ?? 0)} / ${formatExact(span.ai.outputTokens ?? 0)}` : '–'}
              </td>
              <td className="flex items-center gap-2 px-2 whitespace-nowrap">
                <span className="font-mono text-[11px]" title={span.traceId}>
                  {span.traceId.slice(0, 12)}…
                </span>
                <CopyButton text={span.traceId} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
