import { useRef } from 'react'
import { useShortcuts } from '@/components/palette/use-shortcuts'
import { countStates } from '@/lib/graph/bundle-edges'
import type { ServiceGraph } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'
import { formatCount } from '@/lib/view/format'
import type { GraphView } from '@/lib/view/graph-view'
import { HiddenLine } from './hidden-line'
import { StateMark } from './state-mark'

interface Props {
  readonly graph: ServiceGraph
  readonly view: GraphView
  change(part: Partial<GraphView>): void
}

/**
 * Edges counted by state, as the table has rows of it; a press shows only that state, and what is drawn together with it. Below, what
 * the view hides, with a way to show it.
 */
export function Legend({ graph, view, change }: Props) {
  const list = useRef<HTMLFieldSetElement>(null)
  useShortcuts({ legend: () => list.current?.querySelector('button')?.focus() })
  const counts = countStates(graph.edges)
  const listed = EDGE_STATES.filter((state) => (counts[state] ?? 0) > 0 || view.states.includes(state))
  const toggle = (state: (typeof EDGE_STATES)[number]) =>
    change({
      states: view.states.includes(state) ? view.states.filter((item) => item !== state) : [...view.states, state],
    })
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-(--border) bg-(--surface) px-4 py-1.5">
      {listed.length > 0 && (
        <fieldset ref={list} className="flex flex-wrap gap-1.5">
          <legend className="sr-only">Edges by verdict; press one to show only it</legend>
          {listed.map((state) => {
            const isOn = view.states.includes(state)
            return (
              <button
                key={state}
                type="button"
                data-state={state}
                aria-pressed={isOn}
                className={`rounded-md border px-2 py-0.5 ${isOn ? 'border-(--accent)' : 'border-(--border)'} hover:bg-(--surface-2)`}
                onClick={() => toggle(state)}
              >
                <StateMark state={state} /> <strong>{formatCount(counts[state] ?? 0)}</strong>
              </button>
            )
          })}
        </fieldset>
      )}
      <HiddenLine graph={graph} view={view} change={change} />
    </div>
  )
}
