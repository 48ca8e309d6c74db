import { Part } from '@/components/ui/part'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import { aiSentence } from '@/lib/view/ai-sentence'
import { DoorEvidence, WouldVerify } from './door-evidence'
import { EdgeFigures } from './edge-figures'
import { EvidenceSides } from './evidence-sides'
import { RecentFlows } from './recent-flows'
import { RecentSpans } from './recent-spans'

interface Props {
  readonly detail: EdgeDetail
  readonly windowWords: string
}

/** Everything known of one edge in one column, as a frozen page shows it: nothing of it leads anywhere else. */
export function EdgeEvidence({ detail, windowWords }: Props) {
  const { edge } = detail
  return (
    <div className="grid grid-cols-1 gap-4">
      <Part title="What decided it">
        {edge.variants.length === 0 ? (
          <p>No flow record speaks of this edge; it is known from traces only.</p>
        ) : (
          <EvidenceSides variants={edge.variants} {...(detail.isolation && { isolation: detail.isolation })} />
        )}
      </Part>
      {edge.door && (
        <Part title="By which door it left">
          <DoorEvidence detail={detail} />
        </Part>
      )}
      {detail.wouldVerify.length > 0 && (
        <Part title="What would verify this">
          <WouldVerify steps={detail.wouldVerify} />
        </Part>
      )}
      <Part title={`Figures of ${windowWords}`}>
        <EdgeFigures edge={edge} />
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
