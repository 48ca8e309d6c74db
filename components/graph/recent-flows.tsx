import type { FlowRow } from '@/lib/model/edge-detail'
import type { Flow } from '@/lib/model/flow'
import { formatClock } from '@/lib/view/format'

/** Stored flow records, newest first, each opening what the source sent. */
export function RecentFlows({ flows, total }: { flows: readonly FlowRow[]; total: number }) {
  if (flows.length === 0)
    return (
      <p className="text-(--text-muted)">
        No record of this window is kept: of allowed traffic inside the cluster only samples are stored.
      </p>
    )
  return (
    <>
      <p className="text-(--text-muted)">
        Newest {flows.length} of {total} stored records
      </p>
      <ul className="mt-1 grid gap-1">
        {flows.map(({ id, flow }) => (
          <li key={id}>
            <details>
              <summary className="cursor-pointer break-words">
                {formatClock(flow.startMs)} · {flow.verdict.outcome} · {endText(flow, 'client')} →{' '}
                {endText(flow, 'server')}
              </summary>
              <pre
                // A region that scrolls must be reached by keyboard.
                // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
                tabIndex={0}
                className="mt-1 max-h-80 overflow-y-auto rounded-md border border-(--border) bg-(--surface-2) p-2 text-[11px] break-all whitespace-pre-wrap"
              >
                {JSON.stringify(flow.raw, null, 1)}
              </pre>
            </details>
          </li>
        ))}
      </ul>
    </>
  )
}

function endText(flow: Flow, end: 'client' | 'server'): string {
  const peer = flow[end]
  const port = end === 'server' ? flow.serverPort : flow.clientPort
  const name = peer.pod ?? peer.ip ?? (peer.name || peer.class)
  return port ? `${name}:${port}` : name
}
