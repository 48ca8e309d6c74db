'use client'
import { Plus } from 'lucide-react'
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react'
import { useShortcuts } from '@/components/palette/use-shortcuts'
import { Button } from '@/components/ui/button'
import { addChip } from '@/lib/filter/edit-chips'
import { neighbour } from '@/lib/filter/find-in-graph'
import { splitHops } from '@/lib/filter/focus-text'
import { parseFilter } from '@/lib/filter/parse'
import { type AskedOf, readFilter } from '@/lib/filter/read-filter'
import { valuesInGraph } from '@/lib/filter/values-in-graph'
import { chipOf } from '@/lib/model/filter-chip'
import { FILTER_MODES, type FilterMode } from '@/lib/model/filter-preset'
import type { ServiceGraph } from '@/lib/model/graph'
import type { GraphView } from '@/lib/view/graph-view'
import { ChipForm } from './chip-form'
import { ChipRow } from './chip-row'
import { ExpressionInput } from './expression-input'
import { FilterHelp } from './filter-help'
import { MatchList } from './match-list'
import { MODE_WORD } from './modes'
import { PresetMenu } from './preset-menu'
import type { Find } from './use-find'

const PLACEHOLDER: Readonly<Record<FilterMode, string>> = {
  find: 'ns = agents and port = 443, or part of a name',
  hide: 'what to take away, such as port = 53',
  focus: 'what to keep with its neighbours, such as ns = agents +2',
}
const NOTHING = { nodes: [], edges: [] }

interface Props {
  readonly view: GraphView
  readonly graph: ServiceGraph | undefined
  readonly find: Find
  /** What else keeps edges off the drawing, at the end of the line. */
  readonly children?: ReactNode
  change(part: Partial<GraphView>): void
}

/** Find, hide and focus in one line, and the filters that apply below it. `/` and `f` go to find, `h` to hide, `n` and `N` to matches. */
export function FilterBar({ view, graph, find, children, change }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const asked = askedOf(view, graph)
  const [mode, setMode] = useState<FilterMode>(() => brokenMode(view, asked) ?? 'find')
  const add = useRef<HTMLButtonElement>(null)
  const [isAdding, setIsAdding] = useState(false)
  const [draft, setDraft] = useDraft(mode === 'find' ? '' : view[mode])
  const valuesOf = useMemo(() => valuesInGraph(graph ?? NOTHING), [graph])
  const text = mode === 'find' ? find.text : draft
  const matches = find.found?.matches
  const step = useCallback(
    (by: 1 | -1) => {
      const next = neighbour(matches ?? [], view.selected, by)
      if (next) change({ selected: next })
    },
    [matches, view.selected, change],
  )
  const goTo = useCallback((next: FilterMode) => {
    setMode(next)
    input.current?.focus()
  }, [])
  const takeFocus = useCallback(() => add.current?.focus(), [])
  useShortcuts({
    search: () => goTo('find'),
    find: () => goTo('find'),
    hide: () => goTo('hide'),
    'next-match': () => step(1),
    'previous-match': () => step(-1),
  })

  const enter = (isBackwards: boolean) => {
    if (text === view[mode]) {
      if (mode === 'find') step(isBackwards ? -1 : 1)
    } else change({ [mode]: text })
  }
  const applyPreset = (of: FilterMode, expression: string) => {
    setMode(of)
    if (of === 'find') find.write(expression)
    else setDraft(expression)
    change({ [of]: expression })
  }
  return (
    <section
      aria-label="Find and filter"
      className="grid gap-1.5 border-b border-(--border) bg-(--surface) px-4 py-1.5"
    >
      <div className="flex flex-wrap items-start gap-2">
        <fieldset className="flex rounded-md border border-(--border)">
          <legend className="sr-only">What an expression does</legend>
          {FILTER_MODES.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === mode}
              aria-keyshortcuts={one === 'find' ? '/' : one === 'hide' ? 'h' : undefined}
              title={one === 'find' ? 'Keys: / or f' : one === 'hide' ? 'Key: h' : undefined}
              className={`h-[26px] px-2 first:rounded-l-md last:rounded-r-md hover:bg-(--surface-2) ${one === mode ? 'bg-(--surface-2) font-semibold' : ''}`}
              onClick={() => goTo(one)}
            >
              {MODE_WORD[one]}
              {view[one] && (
                <>
                  <span aria-hidden> •</span>
                  <span className="sr-only">, in use</span>
                </>
              )}
            </button>
          ))}
        </fieldset>
        <ExpressionInput
          input={input}
          label={`${MODE_WORD[mode]} by an expression`}
          placeholder={PLACEHOLDER[mode]}
          text={text}
          expression={expressionOf(mode, text)}
          asked={asked}
          valuesOf={valuesOf}
          onWrite={mode === 'find' ? find.write : setDraft}
          onEnter={enter}
          // What was found stays marked, and is in the link; what changes the drawing wants Enter.
          onLeave={() => mode === 'find' && text !== view.find && change({ find: text })}
        />
        {mode !== 'find' && text !== view[mode] && (
          <span className="h-7 content-center text-(--text-muted)">Enter applies it</span>
        )}
        {mode === 'find' && graph && find.found && (
          <MatchList
            graph={graph}
            found={find.found}
            selected={view.selected}
            onSelect={(selected) => change({ selected })}
          />
        )}
        <PresetMenu
          mode={mode}
          text={text}
          isReadable={isReadable(expressionOf(mode, text))}
          isCompared={asked.isCompared}
          onApply={applyPreset}
        />
        <Button ref={add} aria-expanded={isAdding} onClick={() => setIsAdding(!isAdding)}>
          <Plus aria-hidden size={14} /> Filter
        </Button>
        <FilterHelp />
        {children}
      </div>
      {isAdding && (
        <ChipForm
          chip={chipOf('either', 'namespace', '')}
          valuesOf={valuesOf}
          onCancel={() => {
            setIsAdding(false)
            add.current?.focus()
          }}
          onDone={(chip) => {
            setIsAdding(false)
            add.current?.focus()
            change({ chips: addChip(view.chips, chip) })
          }}
        />
      )}
      <ChipRow view={view} asked={asked} valuesOf={valuesOf} change={change} onEdit={goTo} onGone={takeFocus} />
    </section>
  )
}

/** A link's expression that cannot be read is what a person sees first. */
function brokenMode(view: GraphView, asked: AskedOf): FilterMode | undefined {
  return FILTER_MODES.find((mode) => readFilter(expressionOf(mode, view[mode]), asked).error !== undefined)
}

const askedOf = (view: GraphView, graph: ServiceGraph | undefined): AskedOf => ({
  isCompared: view.against !== '',
  ...(graph?.newUnknownIn && { newUnknownIn: graph.newUnknownIn }),
})

/** Whether there is something to keep: what asks for a comparison can be read without one. */
const isReadable = (expression: string): boolean => parseFilter(expression).ast !== undefined

const expressionOf = (mode: FilterMode, text: string): string => (mode === 'focus' ? splitHops(text).expression : text)

/** What is written, beginning with what applies; anew where that changes. */
function useDraft(applied: string): [string, (text: string) => void] {
  const [draft, setDraft] = useState(applied)
  const [before, setBefore] = useState(applied)
  if (before !== applied) {
    setBefore(applied)
    setDraft(applied)
  }
  return [draft, setDraft]
}
