'use client'
import { X } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { Choice } from '@/components/ui/choice'
import { CountToggle } from '@/components/ui/count-toggle'
import { DOOR_STATES, type DoorState } from '@/lib/model/egress'
import type { EgressMatrix } from '@/lib/model/matrix'
import { shownText } from '@/lib/model/shown-text'
import { formatCount } from '@/lib/view/format'
import { CELL_WORD } from '@/lib/view/matrix-words'
import type { EgressView } from './use-matrix-view'

/** What narrows the matrix: states as chips with their counts, cluster, namespace and provider as lists, text. */
export function MatrixFilters({ matrix, egress }: { matrix: EgressMatrix; egress: EgressView }) {
  const { view, change } = egress
  const { doorStates, providers, text } = egress.matrix
  const toggle = (state: DoorState) =>
    change({
      doorStates: doorStates.includes(state) ? doorStates.filter((one) => one !== state) : [...doorStates, state],
    })
  const shown = DOOR_STATES.filter((state) => matrix.totals.cells[state] > 0 || doorStates.includes(state))
  const isNarrowed =
    doorStates.length > 0 || providers.length > 0 || text !== '' || view.cluster !== '' || view.namespaces.length > 0
  return (
    <fieldset className="flex flex-wrap items-center gap-2">
      <legend className="sr-only">Show only</legend>
      {shown.map((state) => (
        <CountToggle
          key={state}
          word={CELL_WORD[state]}
          count={formatCount(matrix.totals.cells[state])}
          isOn={doorStates.includes(state)}
          onToggle={() => toggle(state)}
        />
      ))}
      <Choice
        label="Cluster"
        all="All clusters"
        wordOf={shownText}
        value={view.cluster}
        options={matrix.choices.clusters}
        onChoose={(cluster) => change({ cluster })}
      />
      <Choice
        label="Namespace"
        all="All namespaces"
        wordOf={shownText}
        value={view.namespaces[0] ?? ''}
        options={matrix.choices.namespaces}
        onChoose={(namespace) => change({ namespaces: namespace ? [namespace] : [] })}
      />
      <Choice
        label="Provider"
        all="All providers"
        value={providers[0] ?? ''}
        options={matrix.choices.providers.map(({ id }) => id)}
        wordOf={(provider) => matrix.choices.providers.find(({ id }) => id === provider)?.name ?? provider}
        onChoose={(provider) => change({ providers: provider ? [provider] : [] })}
      />
      <input
        key={text}
        aria-label="Find a workload or host"
        placeholder="Find …"
        className="h-7 w-40 rounded-md border border-(--border) bg-(--bg) px-2"
        defaultValue={text}
        onKeyDown={(event) => event.key === 'Enter' && change({ text: event.currentTarget.value })}
      />
      {isNarrowed && (
        <Button
          variant="ghost"
          onClick={() => change({ doorStates: [], providers: [], text: '', cluster: '', namespaces: [] })}
        >
          <X aria-hidden size={14} /> Show all
        </Button>
      )}
    </fieldset>
  )
}
