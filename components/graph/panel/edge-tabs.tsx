'use client'
import { useState } from 'react'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import type { Outcome } from '@/lib/model/verdict'
import type { PanelTab } from '@/lib/view/graph-view'
import { firstTab } from '@/lib/view/panel-tabs'
import type { RowsOf } from '../edge-figures'
import { ChangesTab } from './changes-tab'
import { EdgeEgressTab } from './edge-egress-tab'
import { EdgeFlowsTab } from './edge-flows-tab'
import { EdgePoliciesTab } from './edge-policies-tab'
import { HistoryTab } from './history-tab'
import type { PanelContext } from './panel-context'
import { PanelTabs } from './panel-tabs'
import { SpanRecords } from './span-records'

/** What is known of an edge, in tabs. Which opens by itself follows from the edge as it was opened, and stays while data move. */
export function EdgeTabs({ detail, context }: { detail: EdgeDetail; context: PanelContext }) {
  const { view, change } = context
  const [first] = useState<PanelTab>(() => firstTab(detail.edge))
  const [outcome, setOutcome] = useState<Outcome | ''>('')
  const path = `/api/edges/${detail.edge.id}`
  const onRows = (rows: RowsOf) => {
    if (rows.what === 'flows') setOutcome(rows.outcome)
    change(rows.what === 'failed' ? { dock: 'failed' } : { panel: rows.what === 'flows' ? 'flows' : 'traces' })
  }
  return (
    <PanelTabs
      open={view.panel || first}
      onOpen={(panel) => change({ panel })}
      content={{
        flows: () => (
          <EdgeFlowsTab detail={detail} context={context} outcome={outcome} onOutcome={setOutcome} onRows={onRows} />
        ),
        policies: () => <EdgePoliciesTab detail={detail} />,
        traces: () => (
          <SpanRecords
            of="edge"
            {...(detail.edge.ai && { ai: detail.edge.ai })}
            spans={detail.spans}
            total={detail.spansTotal}
            mismatches={detail.mismatches ?? []}
            onFailed={() => change({ dock: 'failed' })}
          />
        ),
        history: () => <HistoryTab path={path} context={context} />,
        egress: () => <EdgeEgressTab detail={detail} params={context.params} />,
        changes: () => <ChangesTab path={path} context={context} />,
      }}
    />
  )
}
