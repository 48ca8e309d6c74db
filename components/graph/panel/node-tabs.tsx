'use client'
import { useState } from 'react'
import type { NodeDetail } from '@/lib/model/node-detail'
import type { Outcome } from '@/lib/model/verdict'
import { ChangesTab } from './changes-tab'
import { FlowRecords } from './flow-records'
import { HistoryTab } from './history-tab'
import { NodeEdges } from './node-edges'
import { NodeEgressTab } from './node-egress-tab'
import { NodePoliciesTab } from './node-policies-tab'
import type { PanelContext } from './panel-context'
import { PanelTabs } from './panel-tabs'
import { SpanRecords } from './span-records'

/** What is known of a node, in the tabs that an edge has. */
export function NodeTabs({ detail, context }: { detail: NodeDetail; context: PanelContext }) {
  const { view, change } = context
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
        policies: () => <NodePoliciesTab detail={detail} view={view} />,
        traces: () => (
          <SpanRecords
            of="node"
            {...(detail.ai && { ai: detail.ai })}
            spans={detail.spans}
            total={detail.spansTotal}
            mismatches={detail.mismatches}
            onFailed={() => change({ dock: 'failed' })}
          />
        ),
        history: () => <HistoryTab path={path} context={context} />,
        egress: () => <NodeEgressTab detail={detail} context={context} />,
        changes: () => <ChangesTab path={path} context={context} />,
      }}
    />
  )
}
