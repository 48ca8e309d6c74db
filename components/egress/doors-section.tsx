'use client'
import { useQueryClient } from '@tanstack/react-query'
import { Headline } from '@/components/graph/headline'
import type { useLiveGraph } from '@/components/graph/use-live-graph'
import { LoadProblem } from '@/components/ui/load-problem'
import { headlineOf } from '@/lib/graph/headline'
import { DoorTable } from './door-table'

interface Props {
  readonly live: ReturnType<typeof useLiveGraph>
  readonly selected: string
  onSelect(selected: string): void
}

/** The doors tab: every edge to a provider with its door. */
export function DoorsSection({ live: { graph, error }, selected, onSelect }: Props) {
  const client = useQueryClient()
  if (error && !graph)
    return (
      <LoadProblem
        text={`The doors could not be loaded: ${error}`}
        onRetry={() => void client.refetchQueries({ queryKey: ['graph'], type: 'active' })}
      />
    )
  if (!graph) return <p className="text-(--text-muted)">Loading the doors …</p>
  // Of what is listed: the graph's own headline leaves out no namespace.
  return (
    <div className="space-y-5">
      <Headline graph={{ ...graph, headline: headlineOf(graph.nodes, graph.edges) }} />
      <DoorTable graph={graph} selected={selected} onSelect={onSelect} />
    </div>
  )
}
