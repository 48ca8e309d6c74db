'use client'
import { useState } from 'react'
import { Part } from '@/components/ui/part'
import type { NodeDetail } from '@/lib/model/node-detail'
import type { Outcome } from '@/lib/model/verdict'
import { RecentSpans } from '../recent-spans'
import { AiFigures } from './ai-figures'
import { ChangesTab } from './changes-tab'
import { FlowRecords } from './flow-records'
import { HistoryTab } from './history-tab'
import { MismatchNotes } from './mismatch-notes'
import { NodeEdges } from './node-edges'
import { NodeEgressTab } from './node-egress-tab'
import { NodePoliciesTab } from './node-policies-tab'
import type { PanelContext } from './panel-context'
import { PanelTabs } from './panel-tabs'

/** What is known of a node, in the tabs that an edge has. */
export function NodeTabs({ detail, context }: { detail: NodeDetail; context: PanelContext }) {
  const { view, change, windowWords } = context
  const { node } = detail
  const [outcome, setOutcome] = useState<Outcome | ''>(detail.denialsTotal > 0 ? 'denied' : '')
  const path = `/api/nodes/${node.id}`
  return (
    <PanelTabs
      open={view.panel || 'flows'}
      onOpen={(panel) => change({ panel })}
      content={{
        flows: () => (
          <>
            <NodeEdges detail={detail} context={context} onDenied={() => setOutcome('denied')} />
            <FlowRecords
              path={`${path}/flows`}
              selected={`node:${node.id}`}
              context={context}
              outcome={outcome}
              onOutcome={setOutcome}
              loaded={{ outcome: 'denied', list: { flows: detail.denials, total: detail.denialsTotal } }}
            />
          </>
        ),
        policies: () => <NodePoliciesTab detail={detail} />,
        traces: () => (
          <>
            {detail.ai && (
              <Part title={`Model calls in ${windowWords}`}>
                <AiFigures ai={detail.ai} />
              </Part>
            )}
            <MismatchNotes mismatches={detail.mismatches} />
            <Part title="Spans">
              {detail.spans.length === 0 ? (
                <p className="text-(--text-muted)">
                  No span of this window tells of its calls. Spans come by OTLP from the workloads themselves
                  (docs/otlp.md).
                </p>
              ) : (
                <RecentSpans spans={detail.spans} total={detail.spansTotal} />
              )}
            </Part>
          </>
        ),
        history: () => <HistoryTab path={path} context={context} />,
        egress: () => <NodeEgressTab detail={detail} context={context} />,
        changes: () => <ChangesTab path={path} context={context} />,
      }}
    />
  )
}
