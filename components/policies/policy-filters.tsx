'use client'
import { X } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { Choice } from '@/components/ui/choice'
import { CountToggle } from '@/components/ui/count-toggle'
import type { PolicyReport } from '@/lib/model/policy-report'
import { shownText } from '@/lib/model/shown-text'
import { formatCount } from '@/lib/view/format'
import { POLICIES_ONLY, type PoliciesOnly } from '@/lib/view/policies-view'
import { filterLines } from '@/lib/view/policy-lines'
import { kindWord, ONLY_WORD } from '@/lib/view/policy-words'
import type { PoliciesState } from './use-policies-view'

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
        const { length } = filterLines(report.lines, { only: [one], kind: '', namespaces: [], text: '' })
        return (
          <CountToggle
            key={one}
            word={ONLY_WORD[one]}
            count={formatCount(length)}
            isOn={only.includes(one)}
            onToggle={() => toggle(one)}
          />
        )
      })}
      <Choice
        label="Cluster"
        all="All clusters"
        wordOf={shownText}
        value={view.cluster}
        options={report.clusters.map(({ cluster }) => cluster)}
        onChoose={(cluster) => change({ cluster })}
      />
      <Choice
        label="Kind"
        className="max-w-52"
        all="All kinds"
        value={kind}
        options={report.lines.map((line) => line.kind)}
        wordOf={kindWord}
        onChoose={(chosen) => change({ kind: chosen })}
      />
      <Choice
        label="Namespace"
        all="All namespaces"
        wordOf={shownText}
        value={view.namespaces[0] ?? ''}
        options={report.lines.map(({ namespace }) => namespace)}
        onChoose={(namespace) => change({ namespaces: namespace ? [namespace] : [] })}
      />
      <input
        key={policies.text}
        aria-label="Find a policy"
        placeholder="Find …"
        className="h-7 w-40 rounded-md border border-(--border) bg-(--bg) px-2"
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
