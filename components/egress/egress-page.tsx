'use client'
import { DatasetChip } from '@/components/datasets/dataset-chip'
import { TopBar } from '@/components/frame/top-bar'
import { SidePanel } from '@/components/graph/side-panel'
import { useLiveGraph } from '@/components/graph/use-live-graph'
import { useNow } from '@/components/graph/use-now'
import { DetectorLine } from '@/components/incidents/detector-line'
import { TimePicker } from '@/components/time/time-picker'
import { windowWords } from '@/lib/view/window-words'
import { DoorsSection } from './doors-section'
import { EgressEditor } from './egress-editor'
import { EgressTabs } from './egress-tabs'
import { FirstRule } from './first-rule'
import { MatrixPanel } from './matrix-panel'
import { MatrixSection, useMatrix } from './matrix-section'
import { useMatrixView } from './use-matrix-view'

/** By which door each workload reached each provider, how we know, and the rules that say which door is right. */
export function EgressPage() {
  const egress = useMatrixView()
  const { view, matrix, params, change } = egress
  const isMatrix = matrix.tab === 'matrix'
  const answer = useMatrix(egress, isMatrix)
  const live = useLiveGraph(params, !isMatrix)
  const nowMs = useNow()
  const words = windowWords(view, nowMs)
  const select = (selected: string) => change({ selected, cell: undefined })
  const open = answer.data?.cells.find(({ row, column }) => row === matrix.cell?.row && column === matrix.cell.column)
  return (
    <>
      <TopBar title="Egress">
        <DatasetChip name={view.dataset} />
        <div className="ml-auto">
          <TimePicker from={view.from} to={view.to} zone={view.zone} onChange={change} />
        </div>
      </TopBar>
      <div className="flex min-h-0 flex-1">
        <main className="min-w-0 flex-1 space-y-5 overflow-y-auto p-4">
          <EgressTabs tab={matrix.tab} onChoose={(tab) => change({ tab, selected: '', cell: undefined })} />
          {isMatrix ? (
            <MatrixSection egress={egress} windowWords={words} answer={answer} />
          ) : (
            <DoorsSection live={live} selected={view.selected} onSelect={select} />
          )}
          <FirstRule />
          <EgressEditor dataset={view.dataset} />
          <DetectorLine dataset={view.dataset} />
        </main>
        {isMatrix && matrix.cell && (
          <MatrixPanel
            cell={matrix.cell}
            fingerprint={JSON.stringify(open?.counts)}
            params={egress.matrixParams}
            onClose={() => change({ cell: undefined })}
          />
        )}
        {!isMatrix && live.graph && view.selected && (
          <SidePanel
            graph={live.graph}
            view={view}
            params={params}
            windowWords={words}
            nowMs={nowMs}
            change={change}
            onSelect={select}
          />
        )}
      </div>
    </>
  )
}
