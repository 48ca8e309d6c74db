'use client'
import { ChevronDown, ChevronRight, GitCompareArrows, Play, Table2, ZoomOut } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { remember, useRemembered } from '@/components/ui/browser-memory'
import { Button } from '@/components/ui/button'
import { frameAt } from '@/lib/graph/replay-frames'
import { ALL_FLOWS } from '@/lib/model/flow-list'
import type { Replay, Timeline as TimelineAnswer } from '@/lib/model/timeline'
import { addTraffic, NO_TRAFFIC, type TrafficCount, trafficTotal } from '@/lib/model/traffic-count'
import { putFlowFilter } from '@/lib/view/flow-filter'
import { formatCount } from '@/lib/view/format'
import { type GraphView, serializeGraphView, viewWindow, windowOnly } from '@/lib/view/graph-view'
import { policyHref } from '@/lib/view/policies-view'
import { frameWords, keptWords, silenceWords, stretchText } from '@/lib/view/time-words'
import { trafficUnits, trafficWords, unitsPer } from '@/lib/view/traffic-words'
import { CompareMenu } from './compare-menu'
import { TimelineChart } from './timeline-chart'
import { TimelineMarks } from './timeline-marks'
import { TimelineTable } from './timeline-table'
import { useTimeline } from './use-timeline'

const KEY = 'postern-timeline'
const FOLDED = 'folded'

interface Props {
  readonly view: GraphView
  /** The replay that runs over this window: the strip is its slider. */
  readonly replay?: { readonly answer: Replay; readonly frame: number; onFrame(frame: number): void }
  /** What opened it has its name and closes it. */
  readonly isDocked?: boolean
  change(part: Partial<GraphView>): void
}

/**
 * The view's window over time: what passed and was denied, what happened, and, hatched, what nobody saw. A drag chooses a window,
 * so do the arrow keys; every mark opens what it stands for. Folded, it asks for nothing.
 */
export function Timeline({ view, replay, isDocked = false, change }: Props) {
  const isWanted = useRemembered(KEY) !== FOLDED
  const isOpen = isWanted || isDocked || replay !== undefined
  const { timeline, error } = useTimeline(view, isOpen)
  const [isTable, setIsTable] = useState(false)
  const choose = (fromMs: number, toMs: number) =>
    change({ from: String(Math.round(fromMs)), to: String(Math.round(toMs)), at: '', against: '' })
  const startReplay = (atMs?: number) => {
    if (replay && atMs !== undefined) return replay.onFrame(frameAt(replay.answer.frames, atMs))
    const { fromMs, toMs } = timeline?.window ?? viewWindow(view, Date.now())
    change({
      from: String(Math.round(fromMs)),
      to: String(Math.round(toMs)),
      at: String(Math.round(atMs ?? fromMs)),
      against: '',
    })
  }
  const compare = (fromMs: number, toMs: number, againstMs: number) =>
    change({ from: String(fromMs), to: String(toMs), against: String(againstMs), at: '' })
  const widen = () => {
    const { fromMs, toMs } = viewWindow(view, Date.now())
    const half = (toMs - fromMs) / 2
    choose(fromMs - half, Math.min(toMs + half, Math.max(toMs, Date.now())))
  }
  return (
    // As high before it is loaded as after: the drawing above must not move.
    <section
      aria-label="Timeline"
      className={`shrink-0 bg-(--surface) px-4 py-1 ${isDocked ? '' : 'border-t border-(--border)'} ${isOpen ? 'min-h-[108px]' : ''}`}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {!isDocked && (
          <Button
            size="small"
            variant="ghost"
            className="-ml-2"
            aria-expanded={isOpen}
            disabled={replay !== undefined}
            onClick={() => remember(KEY, isWanted ? FOLDED : null)}
          >
            {isOpen ? <ChevronDown aria-hidden size={14} /> : <ChevronRight aria-hidden size={14} />} Timeline
          </Button>
        )}
        {isOpen && timeline && (
          // One line beside the buttons: more of it would take the height from the drawing.
          <div className="flex min-w-0 flex-1 basis-96 flex-wrap gap-x-3 text-[12px] leading-4 text-(--text-muted)">
            <Summary timeline={timeline} view={view} />
            <Unseen timeline={timeline} />
          </div>
        )}
        <div className="ml-auto flex flex-wrap items-center gap-1">
          {isOpen && (
            <>
              <Button size="small" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
                <Table2 aria-hidden size={14} /> As a table
              </Button>
              <Button size="small" onClick={widen}>
                <ZoomOut aria-hidden size={14} /> Twice as long
              </Button>
            </>
          )}
          <CompareMenu view={view} onCompare={compare}>
            <Button size="small">
              <GitCompareArrows aria-hidden size={14} /> Compare
            </Button>
          </CompareMenu>
          {!replay && (
            <Button size="small" onClick={() => startReplay()}>
              <Play aria-hidden size={14} /> Replay
            </Button>
          )}
        </div>
      </div>
      {isOpen && error && !timeline && <p role="alert">The timeline could not be loaded: {error}</p>}
      {isOpen && timeline && (
        <>
          <TimelineMarks
            timeline={timeline}
            policyHref={(id) => policyHref(view, id)}
            onEdge={(edgeId) => change({ selected: `edge:${edgeId}` })}
            onReplay={startReplay}
            onCompare={compare}
          />
          <TimelineChart
            timeline={timeline}
            grid={replay?.answer.frames ?? timeline.frames}
            cursor={replay?.frame}
            onCursor={replay?.onFrame}
            onChoose={choose}
          />
          {isTable && <TimelineTable timeline={timeline} />}
        </>
      )}
    </section>
  )
}

function Summary({
  timeline: { frames, counts, hasLongRecords, marksHidden },
  view,
}: {
  timeline: TimelineAnswer
  view: GraphView
}) {
  const units = trafficUnits(counts)
  const most = Math.max(0, ...counts.map(({ passed }) => trafficTotal(passed)))
  const denied = counts.map((count) => count.denied).reduce(addTraffic, NO_TRAFFIC)
  const other = counts.map((count) => count.other).reduce(addTraffic, NO_TRAFFIC)
  const said = (count: TrafficCount) => trafficWords(count, units[0], formatCount)
  return (
    <p>
      {unitsPer(units, frameWords(frames))}, at most {formatCount(most)} passed;{' '}
      {trafficTotal(denied) === 0 ? (
        `${said(denied)} denied in all`
      ) : (
        <Link className="text-(--accent) underline" href={deniedHref(view)}>
          {said(denied)} denied in all
        </Link>
      )}
      {trafficTotal(other) > 0 && `, ${said(other)} dropped, failed or not told`}. Times in{' '}
      {Intl.DateTimeFormat().resolvedOptions().timeZone}.
      {hasLongRecords && ' Records that are longer count where they began.'}
      {marksHidden > 0 && ` ${formatCount(marksHidden)} older marks are not shown.`}
    </p>
  )
}

/** The records that the strip counts as denied: of all that its window and cluster have, as the strip is. */
const deniedHref = (view: GraphView): string =>
  `/flows?${putFlowFilter(serializeGraphView({ ...windowOnly(view), scope: 'all' }), { ...ALL_FLOWS, outcomes: ['denied'] })}`

const NAMED = 1

/** What is hatched, in words: who said nothing, and what is not kept any more. */
function Unseen({ timeline: { window, silences, silencesSinceMs, kept } }: { timeline: TimelineAnswer }) {
  const gone = keptWords(window, kept, window.toMs)
  const isShort = silencesSinceMs > window.fromMs
  if (silences.length === 0 && !gone && !isShort) return null
  return (
    <ul className="flex flex-wrap gap-x-3" aria-label="Not seen">
      {silences.slice(0, NAMED).map((silence) => (
        <li key={JSON.stringify(silence)}>
          <span aria-hidden>▨ </span>
          {silenceWords(silence)} {stretchText(silence, window.toMs)}
        </li>
      ))}
      {silences.length > NAMED && <li>and {silences.length - NAMED} more: as a table</li>}
      {gone && (
        <li>
          <span aria-hidden>░ </span>
          {gone}
        </li>
      )}
      {isShort && <li>Silence is looked for in the last 31 days of the window.</li>}
    </ul>
  )
}
