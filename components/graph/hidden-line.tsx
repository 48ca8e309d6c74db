'use client'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import type { HiddenCause, ServiceGraph } from '@/lib/model/graph'
import { DEFAULT_VIEW, type GraphView } from '@/lib/view/graph-view'
import { hiddenWords, podWords, shownWords } from '@/lib/view/scope-words'

/** What shows again what a cause hides. */
export const SHOW_AGAIN: Readonly<Record<HiddenCause, { readonly label: string; readonly part: Partial<GraphView> }>> =
  {
    limit: { label: 'Show anyway', part: { isUncapped: true } },
    noise: { label: 'Show noise', part: { quiet: [] } },
    problems: { label: 'Show what needs nobody', part: { isOnlyProblems: false } },
    filters: {
      label: 'Show all traffic',
      part: {
        scope: 'all',
        states: DEFAULT_VIEW.states,
        namespaces: DEFAULT_VIEW.namespaces,
        cluster: '',
        inside: undefined,
        chips: DEFAULT_VIEW.chips,
        hide: '',
        focus: '',
      },
    },
  }

const LINK = 'text-(--accent) underline'

interface Props {
  readonly graph: ServiceGraph
  readonly view: GraphView
  change(part: Partial<GraphView>): void
}

/** How much of the window is on the screen, and what is not: why, how much of the traffic, how many denials, and how to see it. */
export function HiddenLine({ graph, view, change }: Props) {
  const parts = hiddenWords(graph.hidden)
  return (
    <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 text-[12px] text-(--text-muted)">
      <p>{shownWords(graph)}.</p>
      {parts.map(({ cause, text, why }) => (
        <p key={cause}>
          {text}.{' '}
          <button type="button" className={LINK} onClick={() => change(SHOW_AGAIN[cause].part)}>
            {SHOW_AGAIN[cause].label}
          </button>
          {why !== undefined && (
            <>
              {' '}
              <Popover>
                <PopoverTrigger className={LINK}>why</PopoverTrigger>
                <PopoverContent className="max-w-80 text-[12px]">{why}</PopoverContent>
              </Popover>
            </>
          )}
        </p>
      ))}
      {view.isUncapped && (
        <p>
          The limit of a readable drawing is off.{' '}
          <button type="button" className={LINK} onClick={() => change({ isUncapped: false })}>
            Apply it again
          </button>
        </p>
      )}
      {graph.pods && <p>{podWords(graph.pods)}</p>}
    </div>
  )
}
