'use client'
import { Part } from '@/components/ui/part'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import type { Outcome } from '@/lib/model/verdict'
import { rowsHref } from '@/lib/view/panel-tabs'
import { EdgeFigures, type RowsOf } from '../edge-figures'
import { FlowRecords } from './flow-records'
import type { PanelContext } from './panel-context'

interface Props {
  readonly detail: EdgeDetail
  readonly context: PanelContext
  readonly outcome: Outcome | ''
  onOutcome(outcome: Outcome | ''): void
  onRows(rows: RowsOf): void
}

/** Sums of the window, and the records behind them. */
export function EdgeFlowsTab({ detail, context, outcome, onOutcome, onRows }: Props) {
  const stagedHref = ({ what }: RowsOf) =>
    what === 'staged'
      ? rowsHref('/flows', context.params, `edge:${detail.edge.id}`, { pending: 'would_deny' })
      : undefined
  return (
    <>
      <Part title={`Figures of ${context.windowWords}`}>
        <EdgeFigures edge={detail.edge} onRows={onRows} hrefOf={stagedHref} />
      </Part>
      <FlowRecords
        path={`/api/edges/${detail.edge.id}/flows`}
        selected={`edge:${detail.edge.id}`}
        context={context}
        outcome={outcome}
        onOutcome={onOutcome}
        loaded={{ outcome: '', list: { flows: detail.flows, total: detail.flowsTotal } }}
      />
    </>
  )
}
