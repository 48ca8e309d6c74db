'use client'
import { ChevronDown, ChevronUp, ExternalLink } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { cn } from '@/components/ui/cn'
import { flowParams, putFlowFilter } from '@/lib/view/flow-filter'
import { sentenceCase } from '@/lib/view/format'
import { DOCK_PARTS, type DockPart, type GraphView, serializeGraphView } from '@/lib/view/graph-view'
import { DENIES } from './denies'
import { DockHandle } from './dock-handle'
import { useDockSize } from './use-dock-size'

const DockFlows = dynamic(() => import('./dock-flows').then((module) => module.DockFlows))
const DockTraces = dynamic(() => import('./dock-traces').then((module) => module.DockTraces))

const PART_WORD: Readonly<Record<DockPart, string>> = {
  flows: 'Flows',
  denies: 'Denies',
  traces: 'Traces',
  failed: 'Failed calls',
  timeline: 'Timeline',
}

interface Props {
  readonly view: GraphView
  /** What the part `timeline` shows; absent = there is no such part. */
  readonly timeline?: ReactNode
  change(part: Partial<GraphView>): void
}

/**
 * The dock below the graph: records, denials, traces and what happened over time, always of the view and of what is selected in it. Closed
 * it is a bar; open it has one of three heights. Narrow windows have a page in its place.
 */
export function Dock({ view, timeline, change }: Props) {
  const [size, setSize] = useDockSize()
  const parts = DOCK_PARTS.filter((part) => part !== 'timeline' || timeline !== undefined)
  const open = parts.find((part) => part === view.dock)
  const asked = serializeGraphView({ ...view, dock: '', panel: '', layout: 'graph' })
  const pageHref = `/flows?${open === 'denies' ? putFlowFilter(asked, DENIES) : asked}`
  const hasSpans = open === 'traces' || open === 'failed'
  const of = view.selected ? `of the selected ${view.selected.startsWith('edge') ? 'edge' : 'node'}` : 'of the view'
  return (
    <>
      <p className="border-t border-(--border) bg-(--surface) px-4 py-1.5 lg:hidden">
        <Link href={pageHref} className="text-(--accent) underline">
          Flow records {of}
        </Link>
      </p>
      {/* No page has spans: of them the dock is there in narrow windows too. */}
      <section
        aria-label="Dock"
        className={cn('flex-none border-t border-(--border) bg-(--surface) lg:block', !hasSpans && 'hidden')}
      >
        {open && open !== 'timeline' && <DockHandle size={size} onResize={setSize} />}
        <div className="flex h-8 items-center gap-1 px-2">
          {parts.map((part) => (
            <button
              key={part}
              type="button"
              aria-expanded={part === open}
              aria-controls="dock-part"
              className={cn(
                'h-8 border-b-2 border-transparent px-2.5 text-(--text-muted) hover:text-(--text)',
                part === open && 'border-(--accent) font-medium text-(--text)',
              )}
              onClick={() => change({ dock: part === open ? '' : part })}
            >
              {PART_WORD[part]}
            </button>
          ))}
          <span className="ml-auto text-[12px] text-(--text-muted)">{open === 'timeline' ? '' : sentenceCase(of)}</span>
          {!hasSpans && open !== 'timeline' && (
            <Link
              href={pageHref}
              className="ml-3 inline-flex items-center gap-1 text-[12px] text-(--text-muted) hover:text-(--text)"
            >
              <ExternalLink aria-hidden size={13} />
              {open === 'denies' ? 'Denies as a page' : 'Flows as a page'}
            </Link>
          )}
          <button
            type="button"
            aria-label={open ? 'Close the dock' : 'Open the dock'}
            className="inline-grid size-7 place-items-center rounded text-(--text-muted) hover:bg-(--surface-2) hover:text-(--text)"
            onClick={() => change({ dock: open ? '' : 'flows' })}
          >
            {open ? <ChevronDown aria-hidden size={16} /> : <ChevronUp aria-hidden size={16} />}
          </button>
        </div>
        <div
          id="dock-part"
          hidden={!open}
          className="border-t border-(--border)"
          style={open && open !== 'timeline' ? { height: size.px } : undefined}
        >
          {(open === 'flows' || open === 'denies') && (
            <DockFlows key={open} view={view} isOnlyDenies={open === 'denies'} of={of} change={change} />
          )}
          {hasSpans && (
            <DockTraces
              params={flowParams(view)}
              isOnlyFailed={open === 'failed'}
              of={of}
              isLive={view.to === 'now'}
              change={change}
            />
          )}
          {open === 'timeline' && timeline}
        </div>
      </section>
    </>
  )
}
