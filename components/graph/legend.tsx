import type { ServiceGraph } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'
import type { GraphView } from '@/lib/view/graph-view'
import { StateMark } from './state-mark'

interface Props {
  readonly graph: ServiceGraph
  readonly view: GraphView
  change(part: Partial<GraphView>): void
}

/** Edges counted by state; a press shows only that state. Says what the view hides, with a way to show it. */
export function Legend({ graph, view, change }: Props) {
  const toggle = (state: (typeof EDGE_STATES)[number]) =>
    change({
      states: view.states.includes(state) ? view.states.filter((item) => item !== state) : [...view.states, state],
    })
  return (
    <div className="flex flex-wrap items-center gap-2 border-t border-(--border) bg-(--surface) px-4 py-1.5">
      <fieldset className="flex flex-wrap gap-1.5">
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
              className={`rounded-md border px-2 py-0.5 ${isOn ? 'border-(--accent)' : 'border-(--border)'} hover:bg-(--surface-2)`}
              onClick={() => toggle(state)}
            >
              <StateMark state={state} /> <strong>{count}</strong>
            </button>
          )
        })}
      </fieldset>
      {graph.hidden.edges > 0 && (
        <p className="text-(--text-muted)">
          {graph.hidden.edges} more edges do not match this view.{' '}
          <button
            type="button"
            className="text-(--accent) underline"
            onClick={() =>
              change({ scope: 'all', states: [], namespaces: [], chips: [], hide: '', focus: '', cluster: '' })
            }
          >
            Show all traffic
          </button>
        </p>
      )}
    </div>
  )
}
