'use client'
import { Network, Rows3, Table2 } from 'lucide-react'
import { DatasetChip } from '@/components/datasets/dataset-chip'
import { TopBar } from '@/components/frame/top-bar'
import { ShareMenu } from '@/components/links/share-menu'
import { ViewsMenu } from '@/components/links/views-menu'
import { TimePicker } from '@/components/time/time-picker'
import { Button, ButtonLink } from '@/components/ui/button'
import { Choice } from '@/components/ui/choice'
import type { ServiceGraph } from '@/lib/model/graph'
import { shownText } from '@/lib/model/shown-text'
import { type GraphView, serializeGraphView } from '@/lib/view/graph-view'
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
function liveWord({ to, at, against }: GraphView, live: LiveState, isShown: boolean): string {
  if (live === 'reconnecting' && !isShown) return '○ not connected'
  if (against) return '○ comparison'
  if (at) return '○ replay'
  return to === 'now' ? LIVE_WORD[live] : '○ not live'
}

/** The controls of the graph page: cluster, namespace, graph or table, time range, live state. */
export function GraphBar({ view, live, graph, change }: Props) {
  return (
    <TopBar title="Graph">
      <DatasetChip name={view.dataset} />
      <Choice
        label="Cluster"
        all="All clusters"
        value={view.cluster}
        options={(graph?.nodes ?? []).map((node) => node.cluster)}
        wordOf={shownText}
        onChoose={(cluster) => change({ cluster })}
      />
      <Choice
        label="Namespace"
        all="All namespaces"
        value={view.namespaces[0] ?? ''}
        options={(graph?.nodes ?? []).map((node) => node.namespace)}
        wordOf={shownText}
        onChoose={(namespace) => change({ namespaces: namespace ? [namespace] : [] })}
      />
      <Button
        aria-keyshortcuts="t"
        title={`${view.layout === 'table' ? 'Graph' : 'Table'} (key: t)`}
        onClick={() => change({ layout: view.layout === 'table' ? 'graph' : 'table' })}
      >
        {view.layout === 'table' ? <Network aria-hidden size={14} /> : <Table2 aria-hidden size={14} />}
        <Word>{view.layout === 'table' ? 'Graph' : 'Table'}</Word>
      </Button>
      <ButtonLink
        title="Flows"
        href={`/flows?${serializeGraphView({ ...view, dock: '', panel: '', layout: 'graph' })}`}
      >
        <Rows3 aria-hidden size={14} />
        <Word>Flows</Word>
      </ButtonLink>
      {/* A phone's lines are short: what is left of one takes what comes next. */}
      <div className="ml-auto flex flex-wrap items-center gap-2 max-sm:contents">
        <TimePicker
          from={view.from}
          to={view.to}
          zone={view.zone}
          onChange={(range) => change({ ...range, at: '', against: '' })}
        />
        <ViewsMenu view={view} />
        <ShareMenu view={view} />
        <span role="status" className="whitespace-nowrap">
          {liveWord(view, live, graph !== undefined)}
        </span>
      </div>
    </TopBar>
  )
}

/** Beside a picture that says it too: where the bar has little room, it goes before the bar takes a second line. */
const Word = ({ children }: { children: string }) => <span className="sm:max-[1000px]:sr-only">{children}</span>
