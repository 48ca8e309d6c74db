'use client'
import { Network, Table2 } from 'lucide-react'
import { DatasetChip } from '@/components/datasets/dataset-chip'
import { TopBar } from '@/components/frame/top-bar'
import { TimePicker } from '@/components/time/time-picker'
import { Button } from '@/components/ui/button'
import type { ServiceGraph } from '@/lib/model/graph'
import type { GraphView } from '@/lib/view/graph-view'
import type { LiveState } from './use-live-graph'

const LIVE_WORD: Readonly<Record<LiveState, string>> = {
  connecting: '○ connecting',
  live: '● live',
  reconnecting: '○ reconnecting: what you see may be old',
}

interface Props {
  readonly view: GraphView
  readonly live: LiveState
  readonly graph: ServiceGraph | undefined
  change(part: Partial<GraphView>): void
}

/** A replay and a comparison are of fixed windows, whatever comes in. */
function liveWord({ to, at, against }: GraphView, live: LiveState): string {
  if (against) return '○ comparison'
  if (at) return '○ replay'
  return to === 'now' ? LIVE_WORD[live] : '○ not live'
}

const CONTROL = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'

/** The controls of the graph page: cluster, namespace, scope, find, graph or table, time range, live state. */
export function GraphBar({ view, live, graph, change }: Props) {
  return (
    <TopBar title="Graph">
      <DatasetChip name={view.dataset} />
      <Choice
        label="Cluster"
        all="All clusters"
        value={view.cluster}
        options={(graph?.nodes ?? []).map((node) => node.cluster)}
        onChoose={(cluster) => change({ cluster })}
      />
      <Choice
        label="Namespace"
        all="All namespaces"
        value={view.namespaces[0] ?? ''}
        options={(graph?.nodes ?? []).map((node) => node.namespace)}
        onChoose={(namespace) => change({ namespaces: namespace ? [namespace] : [] })}
      />
      <select
        aria-label="Traffic shown"
        className={CONTROL}
        value={view.scope}
        onChange={(event) => change({ scope: event.target.value === 'all' ? 'all' : 'ai' })}
      >
        <option value="ai">AI traffic</option>
        <option value="all">All traffic</option>
      </select>
      <input
        key={view.text}
        aria-label="Find a workload or host"
        placeholder="Find …"
        className={`${CONTROL} w-40`}
        defaultValue={view.text}
        onKeyDown={(event) => event.key === 'Enter' && change({ text: event.currentTarget.value })}
      />
      <Button
        aria-keyshortcuts="t"
        title="Key: t"
        onClick={() => change({ layout: view.layout === 'table' ? 'graph' : 'table' })}
      >
        {view.layout === 'table' ? <Network aria-hidden size={14} /> : <Table2 aria-hidden size={14} />}
        {view.layout === 'table' ? 'Graph' : 'Table'}
      </Button>
      <div className="ml-auto flex items-center gap-2">
        <TimePicker
          from={view.from}
          to={view.to}
          zone={view.zone}
          onChange={(range) => change({ ...range, at: '', against: '' })}
        />
        <span role="status" className="whitespace-nowrap">
          {liveWord(view, live)}
        </span>
      </div>
    </TopBar>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly all: string
  readonly value: string
  readonly options: readonly string[]
  onChoose(value: string): void
}

/** One of the values on screen; a chosen one stays listed when the view no longer shows it. */
function Choice({ label, all, value, options, onChoose }: ChoiceProps) {
  const values = [...new Set([...options, value])].filter(Boolean).sort()
  if (values.length < 2 && !value) return null
  return (
    <select
      aria-label={label}
      className={`${CONTROL} max-w-44`}
      value={value}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">{all}</option>
      {values.map((item) => (
        <option key={item} value={item}>
          {item}
        </option>
      ))}
    </select>
  )
}
