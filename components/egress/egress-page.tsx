'use client'
import { DatasetChip } from '@/components/datasets/dataset-chip'
import { TopBar } from '@/components/frame/top-bar'
import { Headline } from '@/components/graph/headline'
import { SidePanel } from '@/components/graph/side-panel'
import { useGraphView } from '@/components/graph/use-graph-view'
import { useLiveGraph } from '@/components/graph/use-live-graph'
import { useNow } from '@/components/graph/use-now'
import { DetectorLine } from '@/components/incidents/detector-line'
import { TimePicker } from '@/components/time/time-picker'
import { windowWords } from '@/lib/view/window-words'
import { DoorTable } from './door-table'
import { RulesInForce } from './rules-in-force'

/** By which door each workload reached each provider, how we know, and the rules that say which door is right. */
export function EgressPage() {
  const { view, params, change } = useGraphView()
  const { graph, error } = useLiveGraph(params)
  const nowMs = useNow()
  const select = (selected: string) => change({ selected })
  return (
    <>
      <TopBar title="Egress">
        <DatasetChip name={view.dataset} />
        <div className="ml-auto">
          <TimePicker from={view.from} to={view.to} onChange={change} />
        </div>
      </TopBar>
      <div className="flex min-h-0 flex-1">
        <main className="min-w-0 flex-1 space-y-5 overflow-y-auto p-4">
          {error && !graph && <p role="alert">The doors could not be loaded. {error}</p>}
          {graph && (
            <>
              <Headline graph={graph} />
              <DoorTable graph={graph} selected={view.selected} onSelect={select} />
            </>
          )}
          <RulesInForce />
          <DetectorLine dataset={view.dataset} />
        </main>
        {graph && view.selected && (
          <SidePanel
            graph={graph}
            selected={view.selected}
            params={params}
            windowWords={windowWords(view, nowMs)}
            onSelect={select}
          />
        )}
      </div>
    </>
  )
}
