'use client'
import { useEffect, useState } from 'react'
import { CoverageLine } from '@/components/coverage/coverage-line'
import { ThemeToggle } from '@/components/ui/theme-toggle'
import type { ServiceGraph } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'
import { formatShare } from '@/lib/view/format'
import type { GraphView } from '@/lib/view/graph-view'
import { EmptyGraph } from './empty-graph'
import { GraphTable } from './graph-table'
import { StateMark } from './state-mark'
import { useGraphView } from './use-graph-view'
import { type LiveState, useLiveGraph } from './use-live-graph'

const RANGES = [
  ['now-5m', 'last 5 min'],
  ['now-15m', 'last 15 min'],
  ['now-1h', 'last 1 h'],
  ['now-6h', 'last 6 h'],
  ['now-24h', 'last 24 h'],
  ['now-7d', 'last 7 d'],
] as const
const LIVE_WORD: Readonly<Record<LiveState, string>> = {
  connecting: '○ connecting',
  live: '● live',
  reconnecting: '○ reconnecting: what you see may be old',
}

/** The graph page: controls, three headline numbers, coverage, legend, and the edges. */
export function GraphPage() {
  const { view, params, change } = useGraphView()
  const { graph, live, error } = useLiveGraph(params)
  const nowMs = useNow()
  return (
    <div className="grid min-h-screen grid-rows-[auto_1fr]">
      <TopBar view={view} live={live} change={change} />
      <main className="grid content-start gap-3 p-4">
        <h1 className="sr-only">Service graph</h1>
        {error && !graph && <p role="alert">The graph could not be loaded. {error}</p>}
        {!graph && !error && <p className="text-(--text-muted)">Loading the graph …</p>}
        {graph && (
          <>
            <div className="flex flex-wrap items-baseline justify-between gap-3">
              <Headline graph={graph} />
              <CoverageLine coverage={graph.coverage} nowMs={nowMs} />
            </div>
            {graph.edges.length > 0 && <Legend graph={graph} view={view} change={change} />}
            {graph.edges.length > 0 ? (
              <GraphTable
                graph={graph}
                selected={view.selected}
                nowMs={nowMs}
                params={params}
                onSelect={(selected) => change({ selected })}
              />
            ) : (
              <EmptyGraph graph={graph} view={view} change={change} />
            )}
            {graph.edges.length > 0 && graph.hidden.edges > 0 && (
              <p className="text-(--text-muted)">
                {graph.hidden.edges} more edges do not match this view.{' '}
                <button
                  type="button"
                  className="text-(--accent) underline"
                  onClick={() => change({ scope: 'all', states: [], namespaces: [], text: '' })}
                >
                  Show all traffic
                </button>
              </p>
            )}
            <p aria-live="polite" className="sr-only">
              {graph.edges.length} edges shown
            </p>
          </>
        )}
      </main>
    </div>
  )
}

interface BarProps {
  readonly view: GraphView
  readonly live: LiveState
  change(part: Partial<GraphView>): void
}

function TopBar({ view, live, change }: BarProps) {
  const control = 'rounded-md border border-(--border) bg-(--bg) px-2 py-1'
  return (
    <header className="flex min-h-12 flex-wrap items-center gap-3 border-b border-(--border) bg-(--surface) px-4 py-1.5">
      <span className="font-semibold">Postern</span>
      {view.dataset && <span className="rounded border border-(--border) px-1.5">dataset {view.dataset}</span>}
      <input
        aria-label="Find a workload or host"
        placeholder="Find …"
        className={`${control} w-56`}
        defaultValue={view.text}
        onKeyDown={(event) => event.key === 'Enter' && change({ text: event.currentTarget.value })}
      />
      <label className="flex items-center gap-1.5">
        <span className="sr-only">Traffic shown</span>
        <select
          className={control}
          value={view.scope}
          onChange={(event) => change({ scope: event.target.value === 'all' ? 'all' : 'ai' })}
        >
          <option value="ai">AI traffic</option>
          <option value="all">All traffic</option>
        </select>
      </label>
      <label className="ml-auto flex items-center gap-1.5">
        <span className="sr-only">Time range</span>
        <select
          className={control}
          value={view.to === 'now' ? view.from : 'fixed'}
          onChange={(event) => event.target.value !== 'fixed' && change({ from: event.target.value, to: 'now' })}
        >
          {RANGES.map(([from, words]) => (
            <option key={from} value={from}>
              {words}
            </option>
          ))}
          {view.to !== 'now' && <option value="fixed">fixed window</option>}
        </select>
      </label>
      <span role="status">{LIVE_WORD[live]}</span>
      <ThemeToggle />
    </header>
  )
}

function Headline({ graph }: { graph: ServiceGraph }) {
  const { violations, verifiedShare, unnamedShare } = graph.headline
  return (
    <p>
      <strong>{violations}</strong> violations · <strong>{formatShare(verifiedShare)}</strong> verified ·{' '}
      <strong>{formatShare(unnamedShare)}</strong> unnamed
      <span className="ml-2 text-(--text-muted)">
        {graph.coverage.some((source) => source.source === 'nat')
          ? ''
          : 'No NAT evidence is connected: nothing can be verified.'}
      </span>
    </p>
  )
}

function Legend({
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

function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 5000)
    return () => clearInterval(timer)
  }, [])
  return nowMs
}
