'use client'
import { X } from 'lucide-react'
import { type FormEvent, useId } from 'react'
import { Button } from '@/components/ui/button'
import { ALL_FLOWS, type FlowFilter } from '@/lib/model/flow-list'
import { filterSize, OBSERVERS, OUTCOMES, PENDING } from '@/lib/view/flow-filter'
import { OBSERVER_WORD, OUTCOME_WORD, PENDING_WORD } from '@/lib/view/flow-words'

const CONTROL = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'

interface Props {
  readonly filter: FlowFilter
  onChange(part: Partial<FlowFilter>): void
}

/** What records must be like, beside the view that the graph shares: verdict, side, and what only the record itself tells. */
export function FlowFilters({ filter, onChange }: Props) {
  const size = filterSize(filter)
  return (
    <form
      // Fields begin anew with what the address says.
      key={JSON.stringify(filter)}
      aria-label="Filter of records"
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault()
        const data = new FormData(event.currentTarget)
        const list = (name: string) =>
          String(data.get(name) ?? '')
            .split(/[,\s]+/)
            .filter(Boolean)
        onChange({
          pod: String(data.get('pod') ?? '').trim(),
          ports: list('port').flatMap((port) => (/^\d{1,5}$/.test(port) ? [Number(port)] : [])),
          methods: list('method').map((method) => method.toUpperCase()),
          statuses: list('status').map((status) => status.toLowerCase()),
        })
      }}
    >
      <Choice
        label="Verdict"
        all="Any verdict"
        value={filter.outcomes[0] ?? ''}
        options={OUTCOMES.map((outcome) => [outcome, OUTCOME_WORD[outcome]])}
        onChoose={(value) => onChange({ outcomes: OUTCOMES.filter((outcome) => outcome === value) })}
      />
      <Choice
        label="Staged policies"
        all="Any staged effect"
        value={filter.pending[0] ?? ''}
        options={PENDING.map((pending) => [pending, `Staged: ${PENDING_WORD[pending]}`])}
        onChoose={(value) => onChange({ pending: PENDING.filter((pending) => pending === value) })}
      />
      <Choice
        label="Reported by"
        all="Any side"
        value={filter.observers[0] ?? ''}
        options={OBSERVERS.map((observer) => [observer, OBSERVER_WORD[observer]])}
        onChoose={(value) => onChange({ observers: OBSERVERS.filter((observer) => observer === value) })}
      />
      <Text name="port" label="Server port" placeholder="443" value={filter.ports.join(', ')} width="w-24" />
      <Text name="pod" label="Pod has" placeholder="part of a name" value={filter.pod} width="w-36" />
      <Text name="method" label="L7 method" placeholder="GET, POST" value={filter.methods.join(', ')} width="w-28" />
      <Text name="status" label="L7 status" placeholder="404, 5xx" value={filter.statuses.join(', ')} width="w-28" />
      <Button type="submit" size="small">
        Apply
      </Button>
      {filter.reasons.map((reason) => (
        <Button
          key={reason}
          size="small"
          aria-label={`Any drop reason, not ${reason} alone`}
          onClick={() => onChange({ reasons: filter.reasons.filter((one) => one !== reason) })}
        >
          {reason}
          <X aria-hidden size={12} />
        </Button>
      ))}
      {size > 0 && (
        <Button size="small" variant="ghost" onClick={() => onChange(ALL_FLOWS)}>
          Clear {size === 1 ? 'it' : `all ${size}`}
        </Button>
      )}
    </form>
  )
}

interface TextProps {
  readonly name: string
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly width: string
}

function Text({ name, label, placeholder, value, width }: TextProps) {
  const id = useId()
  return (
    <span className="inline-flex items-center gap-1">
      <label htmlFor={id} className="text-(--text-muted)">
        {label}
      </label>
      <input id={id} name={name} placeholder={placeholder} defaultValue={value} className={`${CONTROL} ${width}`} />
    </span>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly all: string
  readonly value: string
  readonly options: readonly (readonly [value: string, word: string])[]
  onChoose(value: string): void
}

function Choice({ label, all, value, options, onChoose }: ChoiceProps) {
  return (
    <select aria-label={label} className={CONTROL} value={value} onChange={(event) => onChoose(event.target.value)}>
      <option value="">{all}</option>
      {options.map(([one, word]) => (
        <option key={one} value={one}>
          {word}
        </option>
      ))}
    </select>
  )
}
