import type { ReactNode } from 'react'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import { aiSentence } from '@/lib/view/ai-sentence'
import { doorSentences } from '@/lib/view/door-sentence'
import { formatBytes, formatCount } from '@/lib/view/format'
import { DoorConnections } from './door-connections'
import { EvidenceSides } from './evidence-sides'
import { RecentFlows } from './recent-flows'
import { RecentSpans } from './recent-spans'

interface Props {
  readonly detail: EdgeDetail
  readonly windowWords: string
  /** True where texts of policies may be loaded: not on a frozen page, whose reader may see nothing else. */
  readonly isLive?: boolean
}

/** Everything known of one edge, live or frozen, the deciding sentence first. */
export function EdgeEvidence({ detail, windowWords, isLive = false }: Props) {
  const { edge } = detail
  return (
    <div className="grid grid-cols-1 gap-4">
      <Part title="What decided it">
        {edge.variants.length === 0 ? (
          <p>No flow record speaks of this edge; it is known from traces only.</p>
        ) : (
          <EvidenceSides
            variants={edge.variants}
            {...(detail.isolation && { isolation: detail.isolation })}
            {...(isLive && detail.hasInventory && { definitionsOf: edge.cluster })}
          />
        )}
      </Part>
      {edge.door && (
        <Part title="By which door it left">
          {doorSentences(edge.door).map((sentence) => (
            <p key={sentence} className="break-words">
              {sentence}
            </p>
          ))}
          <DoorConnections connections={detail.connections} total={detail.connectionsTotal} />
        </Part>
      )}
      {detail.wouldVerify.length > 0 && (
        <Part title="What would verify this">
          <ol className="ml-4 grid list-decimal gap-1">
            {detail.wouldVerify.map((step) => (
              <li key={step} className="break-words">
                {step}
              </li>
            ))}
          </ol>
        </Part>
      )}
      <Part title={`Figures of ${windowWords}`}>
        <dl className="grid grid-cols-[1fr_auto] gap-x-4">
          {figuresOf(detail).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-(--text-muted)">{name}</dt>
              <dd className="text-right">{value}</dd>
            </div>
          ))}
        </dl>
        {edge.ai && <p className="mt-1">{aiSentence(edge.ai)}</p>}
      </Part>
      {detail.spans.length > 0 && (
        <Part title="Traces">
          <RecentSpans spans={detail.spans} total={detail.spansTotal} />
        </Part>
      )}
      <Part title="Flow records">
        <RecentFlows flows={detail.flows} total={detail.flowsTotal} />
      </Part>
    </div>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="mb-1 font-semibold">{title}</h2>
      {children}
    </section>
  )
}

function figuresOf({ edge }: EdgeDetail): [string, string][] {
  const { counters } = edge
  const rows: [string, number, string][] = [
    ['Connections', counters.connections, formatCount(counters.connections)],
    ['Requests', counters.requests, formatCount(counters.requests)],
    ['Requests that failed (5xx)', counters.requestErrors, formatCount(counters.requestErrors)],
    ['Calls seen by traces', counters.spans, formatCount(counters.spans)],
    ['Calls that failed, by traces', counters.spanErrors ?? 0, formatCount(counters.spanErrors ?? 0)],
    ['Other events', counters.events, formatCount(counters.events)],
    ['Denied', edge.denied, formatCount(edge.denied)],
    ['Would be denied', edge.wouldBeDenied, formatCount(edge.wouldBeDenied)],
    ['Dropped for other causes', edge.dropped, formatCount(edge.dropped)],
    ['Sent by the client', counters.bytesSent, formatBytes(counters.bytesSent)],
    ['Received by the client', counters.bytesReceived, formatBytes(counters.bytesReceived)],
  ]
  // Traces count calls: of connections they say nothing, not 0.
  return rows
    .filter(([, value], index) => value > 0 || (index === 0 && edge.variants.length > 0))
    .map(([name, , text]) => [name, text])
}
