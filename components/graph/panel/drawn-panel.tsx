'use client'
import type { GraphEdge, GraphNode } from '@/lib/model/graph'
import { BundlePanel } from './bundle-panel'
import { GroupPanel } from './group-panel'
import type { PanelContext } from './panel-context'

/** What several endpoints or edges are drawn as, or a pod: said from the drawing itself, since evidence is kept per workload. */
export function DrawnPanel({ id, context }: { id: string; context: PanelContext }) {
  const { graph, view } = context
  const edge: GraphEdge | undefined = view.selected.startsWith('edge:')
    ? graph.edges.find((one) => one.id === id)
    : undefined
  const node: GraphNode | undefined = edge ? undefined : graph.nodes.find((one) => one.id === id)
  if (edge) return <BundlePanel edge={edge} context={context} />
  if (node) return <GroupPanel node={node} context={context} />
  return (
    <>
      <h2 className="text-[15px] font-semibold">Not drawn any more</h2>
      <p>
        What was selected stood for several, and the view draws it otherwise now: another level, another place, or none
        of it in this window.
      </p>
    </>
  )
}
