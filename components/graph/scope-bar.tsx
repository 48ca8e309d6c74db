'use client'
import { ChevronRight, CornerLeftUp, TriangleAlert } from 'lucide-react'
import { Fragment } from 'react'
import { TrafficShown } from '@/components/frame/traffic-shown'
import { Button } from '@/components/ui/button'
import { Segmented } from '@/components/ui/segmented'
import { levelOfPlace } from '@/lib/graph/place'
import {
  GRAPH_LEVELS,
  type GraphLevel,
  NOISE_KINDS,
  type NoiseKind,
  type Place,
  type ServiceGraph,
} from '@/lib/model/graph'
import type { GraphView } from '@/lib/view/graph-view'
import { LEVEL_WORD, NOISE_WORD, placeSteps } from '@/lib/view/scope-words'

interface Props {
  readonly view: GraphView
  readonly graph: ServiceGraph | undefined
  change(part: Partial<GraphView>): void
  /** To another place, which the back button leaves again. */
  step(part: Partial<GraphView>): void
  stepOut(): void
}

/** What one node stands for, and where the view is: the ladder, the way back, groups that are opened. */
export function ScopeBar({ view, graph, change, step, stepOut }: Props) {
  const { inside } = view
  return (
    <section aria-label="Scope" className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
      <Ladder view={view} drawn={graph?.level} change={change} />
      {inside && <Breadcrumb place={inside} step={step} stepOut={stepOut} />}
      {view.expanded.length > 0 && (
        <Button size="small" onClick={() => change({ expanded: [] })}>
          Close {view.expanded.length} opened {view.expanded.length === 1 ? 'group' : 'groups'}
        </Button>
      )}
    </section>
  )
}

interface LensProps {
  readonly view: GraphView
  /** Absent while the graph is not known. */
  readonly problems: number | undefined
  change(part: Partial<GraphView>): void
}

/** What is kept off the drawing: all but AI traffic, noise, what needs nobody. */
export function LensBar({ view, problems, change }: LensProps) {
  return (
    <div className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1.5">
      <TrafficShown view={view} change={change} />
      <Noise quiet={view.quiet} change={change} />
      <Button
        size="small"
        aria-pressed={view.isOnlyProblems}
        aria-keyshortcuts="p"
        title="Denied, would be denied, dropped, violations, open findings. Key: p"
        className={view.isOnlyProblems ? 'border-(--accent) text-(--accent)' : ''}
        onClick={() => change({ isOnlyProblems: !view.isOnlyProblems })}
      >
        <TriangleAlert aria-hidden size={13} /> Only problems <strong>{problems ?? '–'}</strong>
      </Button>
    </div>
  )
}

function Ladder({
  view: { level, inside },
  drawn,
  change,
}: {
  readonly view: GraphView
  readonly drawn: GraphLevel | undefined
  change(part: Partial<GraphView>): void
}) {
  const auto = level === '' && drawn ? `Auto: ${LEVEL_WORD[drawn].toLowerCase()}` : 'Auto'
  return (
    <Segmented
      label="Drawn by"
      value={level}
      options={[
        { value: '' as const, label: auto, title: 'The finest that can be read; in a place, one finer than the place' },
        ...GRAPH_LEVELS.map((value) => ({ value, label: LEVEL_WORD[value], unavailable: whyNot(value, inside) })),
      ]}
      onChoose={(value) => change({ level: value, selected: '' })}
    />
  )
}

function whyNot(level: GraphLevel, inside: Place | undefined): string | undefined {
  const own = inside && levelOfPlace(inside)
  if (level === 'pod' && (own === undefined || own === 'cluster')) return 'Step into a namespace or a workload first'
  if (own !== undefined && GRAPH_LEVELS.indexOf(level) <= GRAPH_LEVELS.indexOf(own)) return 'Step out first'
  return undefined
}

function Breadcrumb({ place, step, stepOut }: { readonly place: Place } & Pick<Props, 'step' | 'stepOut'>) {
  const steps = placeSteps(place)
  return (
    <nav aria-label="Place" className="flex flex-wrap items-center gap-1">
      <Button size="small" aria-keyshortcuts="," title="Key: ," onClick={stepOut}>
        <CornerLeftUp aria-hidden size={13} /> Step out
      </Button>
      <button type="button" className="px-1 hover:underline" onClick={() => step({ inside: undefined })}>
        All
      </button>
      {steps.map(({ label, place: at }, index) => (
        <Fragment key={label + String(index)}>
          <ChevronRight aria-hidden size={12} className="text-(--text-muted)" />
          {index === steps.length - 1 ? (
            <span aria-current="location" className="px-1 font-semibold">
              {label}
            </span>
          ) : (
            <button type="button" className="px-1 hover:underline" onClick={() => step({ inside: at })}>
              {label}
            </button>
          )}
        </Fragment>
      ))}
    </nav>
  )
}

function Noise({ quiet, change }: { readonly quiet: readonly NoiseKind[]; change(part: Partial<GraphView>): void }) {
  return (
    <fieldset className="flex items-center gap-1">
      <legend className="float-left mr-1 text-(--text-muted)">Hide</legend>
      {NOISE_KINDS.map((kind) => {
        const isHidden = quiet.includes(kind)
        return (
          <Button
            key={kind}
            size="small"
            aria-pressed={isHidden}
            title={`${NOISE_WORD[kind].what}; never AI traffic, denials or findings`}
            className={isHidden ? 'border-(--accent) text-(--accent)' : ''}
            onClick={() => change({ quiet: isHidden ? quiet.filter((one) => one !== kind) : [...quiet, kind] })}
          >
            {NOISE_WORD[kind].name}
          </Button>
        )
      })}
    </fieldset>
  )
}
