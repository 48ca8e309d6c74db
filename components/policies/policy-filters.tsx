'use client'
import { X } from 'lucide-react'
import { Button } from '@/components/ui/button'
import type { PolicyReport } from '@/lib/model/policy-report'
import { formatCount } from '@/lib/view/format'
import { POLICIES_ONLY, type PoliciesOnly } from '@/lib/view/policies-view'
import { filterLines } from '@/lib/view/policy-lines'
import { kindWord, ONLY_WORD } from '@/lib/view/policy-words'
import type { PoliciesState } from './use-policies-view'

const CONTROL = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'

/** What narrows the table: what policies do, cluster, kind, namespace, text. */
export function PolicyFilters({ report, state }: { report: PolicyReport; state: PoliciesState }) {
  const { view, policies, change } = state
  const { only, kind } = policies
  const toggle = (one: PoliciesOnly) =>
    change({ only: only.includes(one) ? only.filter((other) => other !== one) : [...only, one] })
  const isNarrowed =
    only.length > 0 || kind !== '' || policies.text !== '' || view.cluster !== '' || view.namespaces.length > 0
  return (
    <fieldset className="flex flex-wrap items-center gap-2">
      <legend className="sr-only">Show only</legend>
      {POLICIES_ONLY.map((one) => {
        const isOn = only.includes(one)
        const count = filterLines(report.lines, { only: [one], kind: '', namespaces: [], text: '' }).length
        return (
          <button
            key={one}
            type="button"
            aria-pressed={isOn}
            className={`h-7 rounded-md border px-2 whitespace-nowrap ${isOn ? 'border-(--accent) bg-(--surface-2) font-medium' : 'border-(--border) bg-(--surface) hover:bg-(--surface-2)'}`}
            onClick={() => toggle(one)}
          >
            {ONLY_WORD[one]} <span className="text-(--text-muted)">{formatCount(count)}</span>
          </button>
        )
      })}
      <Choice
        label="Cluster"
        all="All clusters"
        value={view.cluster}
        options={report.clusters.map(({ cluster }) => cluster)}
        onChoose={(cluster) => change({ cluster })}
      />
      <Choice
        label="Kind"
        all="All kinds"
        value={kind}
        options={report.lines.map((line) => line.kind)}
        wordOf={kindWord}
        onChoose={(chosen) => change({ kind: chosen })}
      />
      <Choice
        label="Namespace"
        all="All namespaces"
        value={view.namespaces[0] ?? ''}
        options={report.lines.map(({ namespace }) => namespace)}
        onChoose={(namespace) => change({ namespaces: namespace ? [namespace] : [] })}
      />
      <input
        key={policies.text}
        aria-label="Find a policy"
        placeholder="Find …"
        className={`${CONTROL} w-40`}
        defaultValue={policies.text}
        onKeyDown={(event) => event.key === 'Enter' && change({ text: event.currentTarget.value })}
      />
      {isNarrowed && (
        <Button variant="ghost" onClick={() => change({ only: [], kind: '', text: '', cluster: '', namespaces: [] })}>
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
  readonly options: readonly string[]
  wordOf?(value: string): string
  onChoose(value: string): void
}

/** One of the values of the report; a chosen one stays listed when the window no longer has it. */
function Choice({ label, all, value, options, wordOf = (text) => text, onChoose }: ChoiceProps) {
  const values = [...new Set([...options, value])].filter(Boolean).sort()
  if (values.length < 2 && !value) return null
  return (
    <select
      aria-label={label}
      className={`${CONTROL} max-w-52`}
      value={value}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">{all}</option>
      {values.map((item) => (
        <option key={item} value={item}>
          {wordOf(item)}
        </option>
      ))}
    </select>
  )
}
