import type { FilterChip } from '@/lib/model/filter-chip'
import type { ServiceGraph } from '@/lib/model/graph'
import type { GraphView } from '@/lib/view/graph-view'

/** What every part of the side panel is given by the page. */
export interface PanelContext {
  readonly graph: ServiceGraph
  readonly view: GraphView
  /** Of the view: what evidence is asked with. */
  readonly params: string
  readonly windowWords: string
  readonly nowMs: number
  change(part: Partial<GraphView>): void
  onSelect(selected: string): void
  /** Goes into a group or a workload, or opens a group of what is outside; absent where nothing can be stepped into. */
  onStepInto?(nodeId: string): void
  /** A person filters by what the panel shows; absent where nothing can be filtered. */
  onFilter?(chip: FilterChip): void
}
