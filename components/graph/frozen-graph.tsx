'use client'
import { useState } from 'react'
import type { ServiceGraph as Graph } from '@/lib/model/graph'
import { ServiceGraph } from './service-graph'

/** The cut graph of an incident: drawn, to look at; what is selected is shown whole and nothing is remembered. */
export function FrozenGraph({ graph, selected: initially }: { graph: Graph; selected: string }) {
  const [selected, setSelected] = useState(initially)
  return (
    <div className="h-[420px] w-full">
      <ServiceGraph graph={graph} selected={selected} layoutKey="" onSelect={setSelected} />
    </div>
  )
}
