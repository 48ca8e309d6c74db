import type { ServiceGraph } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'
import type { GraphView } from '@/lib/view/graph-view'
import { StateMark } from './state-mark'

/** Edges counted by state; a press shows only that state. */
export function Legend({
  graph,
  view,
  change,
}: {
  graph: ServiceGraph
  view: GraphView
  change(part: Partial<GraphView>): void
}) {
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">Edges by verdict; press one to show only it</legend>
      {EDGE_STATES.map((state) => {
        const count = graph.edges.filter((edge) => edge.state === state).length
        const isOn = view.states.includes(state)
        if (count === 0 && !isOn) return null
        return (
          <button
            key={state}
            type="button"
            aria-pressed={isOn}
            className={`rounded-md border px-2 py-0.5 ${isOn ? 'border-(--accent)' : 'border-(--border)'} bg-(--surface)`}
            onClick={() =>
              change({ states: isOn ? view.states.filter((item) => item !== state) : [...view.states, state] })
            }
          >
            <StateMark state={state} /> <strong>{count}</strong>
          </button>
        )
      })}
    </fieldset>
  )
}
