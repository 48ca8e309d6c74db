'use client'
import { X } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { DOOR_STATES, type DoorState } from '@/lib/model/egress'
import type { EgressMatrix } from '@/lib/model/matrix'
import { formatCount } from '@/lib/view/format'
import { CELL_WORD } from '@/lib/view/matrix-words'
import type { EgressView } from './use-matrix-view'

const CONTROL = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'

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
      {shown.map((state) => {
        const isOn = doorStates.includes(state)
        return (
          <button
            key={state}
            type="button"
            aria-pressed={isOn}
            className={`h-7 rounded-md border px-2 whitespace-nowrap ${isOn ? 'border-(--accent) bg-(--surface-2) font-medium' : 'border-(--border) bg-(--surface) hover:bg-(--surface-2)'}`}
            onClick={() => toggle(state)}
          >
            {CELL_WORD[state]} <span className="text-(--text-muted)">{formatCount(matrix.totals.cells[state])}</span>
          </button>
        )
      })}
      <Choice
        label="Cluster"
        all="All clusters"
        value={view.cluster}
        options={matrix.choices.clusters.map((id) => ({ id, name: id }))}
        onChoose={(cluster) => change({ cluster })}
      />
      <Choice
        label="Namespace"
        all="All namespaces"
        value={view.namespaces[0] ?? ''}
        options={matrix.choices.namespaces.map((id) => ({ id, name: id }))}
        onChoose={(namespace) => change({ namespaces: namespace ? [namespace] : [] })}
      />
      <Choice
        label="Provider"
        all="All providers"
        value={providers[0] ?? ''}
        options={matrix.choices.providers}
        onChoose={(provider) => change({ providers: provider ? [provider] : [] })}
      />
      <input
        key={text}
        aria-label="Find a workload or host"
        placeholder="Find …"
        className={`${CONTROL} w-40`}
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

interface ChoiceProps {
  readonly label: string
  readonly all: string
  readonly value: string
  readonly options: readonly { readonly id: string; readonly name: string }[]
  onChoose(value: string): void
}

/** One of the values of the window; a chosen one stays listed when the window no longer has it. */
function Choice({ label, all, value, options, onChoose }: ChoiceProps) {
  const isListed = value === '' || options.some(({ id }) => id === value)
  const listed = isListed ? options : [...options, { id: value, name: value }]
  if (listed.length < 2 && value === '') return null
  return (
    <select
      aria-label={label}
      className={`${CONTROL} max-w-44`}
      value={value}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">{all}</option>
      {listed.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  )
}
