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
}
