import { type FlowRow, MOST_FLOWS_COUNTED } from '@/lib/model/edge-detail'
import type { Flow } from '@/lib/model/flow'
import type { EvidenceClass } from '@/lib/model/prepared-batch'
import { shownText } from '@/lib/model/shown-text'
import { formatExact, OUTCOME_WORD } from '@/lib/view/flow-words'
import { formatClock, formatCount } from '@/lib/view/format'

const KEPT_AS: Readonly<Record<EvidenceClass, string>> = {
  denied: 'denial',
  dropped: 'drop',
  error: 'error',
  audit: 'audit',
  external: 'call out of the cluster',
  calico: 'Calico record',
  exemplar: 'example',
}

interface Props {
  readonly flows: readonly FlowRow[]
  readonly total: number
  /** Of one outcome only. */
  readonly isFiltered?: boolean
}

/** Stored flow records, newest first, each opening what the source sent. */
export function RecentFlows({ flows, total, isFiltered = false }: Props) {
  if (flows.length === 0)
    return isFiltered ? (
      <p className="text-(--text-muted)">No kept record of this window is of that outcome.</p>
    ) : (
      <p className="text-(--text-muted)">
        No record of this window is kept. All traffic counts in the sums; of allowed traffic inside the cluster only
        examples are kept as records, and records go before sums do.
      </p>
    )
  return (
    <>
      <p className="text-(--text-muted)">
        Newest {flows.length} of{' '}
        {total >= MOST_FLOWS_COUNTED ? `${formatCount(MOST_FLOWS_COUNTED)} or more` : formatExact(total)} kept records.
        All traffic counts in the sums; records are kept of what was denied, dropped or failed, of audits, of calls out
        of the cluster and of Calico, and otherwise as examples.
      </p>
      <ul className="mt-1 grid gap-1">
        {flows.map(({ id, flow, keptAs }) => (
          <li key={id}>
            <details>
              <summary className="cursor-pointer wrap-anywhere">
                {formatClock(flow.startMs)} · {OUTCOME_WORD[flow.verdict.outcome].toLowerCase()} ·{' '}
                {endText(flow, 'client')} → {endText(flow, 'server')}
              </summary>
              {keptAs && <p className="text-(--text-muted)">Kept as {KEPT_AS[keptAs]}; as the source sent it:</p>}
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
  return shownText(port ? `${name}:${port}` : name)
}
