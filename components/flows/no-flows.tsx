'use client'
import { WhyEmpty } from '@/components/sources/why-empty'
import { Button } from '@/components/ui/button'
import { ALL_FLOWS, type FlowFilter } from '@/lib/model/flow-list'
import { UNFILTERED } from '@/lib/view/filter-words'
import { filterSize } from '@/lib/view/flow-filter'
import type { GraphView } from '@/lib/view/graph-view'

interface Props {
  readonly view: GraphView
  readonly filter: FlowFilter
  /** Edges of the view. */
  readonly edges: number
  change(part: Partial<GraphView>): void
  setFilter(part: Partial<FlowFilter>): void
}

/** Why there is no record: the view has no edge, the filter of records keeps none, or none is kept of what was seen. */
export function NoFlows({ view, filter, edges, change, setFilter }: Props) {
  const isFiltered = filterSize(filter) > 0
  return (
    <div className="grid max-w-2xl gap-3 p-4">
      {edges === 0 && (
        <>
          <p>No edge of this window fits the view{view.scope === 'ai' ? ', which shows AI traffic alone' : ''}.</p>
          <p className="flex flex-wrap gap-2">
            {view.scope === 'ai' && <Button onClick={() => change({ scope: 'all' })}>Show all traffic</Button>}
            <Button onClick={() => change({ ...UNFILTERED, selected: '' })}>Drop every filter of the view</Button>
            <Button onClick={() => change({ from: 'now-24h', to: 'now' })}>Last 24 h</Button>
          </p>
          <WhyEmpty view={view} />
        </>
      )}
      {edges > 0 && isFiltered && (
        <>
          <p>The view has edges, but no kept record of them fits the filter of records.</p>
          <p>
            <Button onClick={() => setFilter(ALL_FLOWS)}>Clear the filter of records</Button>
          </p>
        </>
      )}
      {edges > 0 && !isFiltered && (
        <p>
          No record of this window is kept of these edges. All traffic counts in the sums; of allowed traffic inside the
          cluster only examples are kept as records, records go before sums do, and calls that traces alone tell of have
          none.
        </p>
      )}
    </div>
  )
}
