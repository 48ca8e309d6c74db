'use client'
import { ThemeToggle } from '@/components/ui/theme-toggle'
import type { GraphView } from '@/lib/view/graph-view'
import type { LiveState } from './use-live-graph'

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

interface BarProps {
  readonly view: GraphView
  readonly live: LiveState
  change(part: Partial<GraphView>): void
}

/** The controls of the graph page: find, scope, time range, live state. */
export function GraphBar({ view, live, change }: BarProps) {
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
