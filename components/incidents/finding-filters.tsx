'use client'
import { useId } from 'react'
import { cn } from '@/components/ui/cn'
import { type Finding, SEVERITIES } from '@/lib/model/finding'
import { FINDING_STATUS } from '@/lib/view/finding-words'
import { formatCount } from '@/lib/view/format'
import type { FindingFilter } from './finding-filter'
import { detectorTitle, useDetectors } from './use-detectors'

interface Props {
  readonly findings: readonly Finding[]
  readonly filter: FindingFilter
  onChange(filter: FindingFilter): void
}

/** Findings or accepted risks, and what of them. */
export function FindingFilters({ findings, filter, onChange }: Props) {
  const accepted = findings.filter((finding) => finding.accepted).length
  const detectors = useDetectors(findings[0]?.dataset ?? '')
  const set = (parts: Partial<FindingFilter>) => onChange({ ...filter, ...parts })
  const own = (pick: (finding: Finding) => string) => [...new Set(findings.map(pick))].sort()
  return (
    <div className="mb-2 flex flex-wrap items-end gap-3">
      <fieldset className="flex overflow-hidden rounded-md border border-(--border)">
        <legend className="sr-only">Which findings</legend>
        <Tab isOn={filter.tab === 'findings'} onClick={() => set({ tab: 'findings' })}>
          Findings {formatCount(findings.length - accepted)}
        </Tab>
        <Tab isOn={filter.tab === 'accepted'} onClick={() => set({ tab: 'accepted' })}>
          Accepted {formatCount(accepted)}
        </Tab>
      </fieldset>
      <Choice
        label="Status"
        value={filter.status}
        options={Object.entries(FINDING_STATUS).map(([value, { word }]) => [value, word])}
        onChange={(status) => set({ status })}
      />
      <Choice
        label="Severity"
        value={filter.severity}
        options={SEVERITIES.map((one) => [one, one])}
        onChange={(severity) => set({ severity })}
      />
      <Choice
        label="Detector"
        value={filter.detector}
        options={own(({ detector }) => detector).map((one) => [one, detectorTitle(detectors, one)])}
        onChange={(detector) => set({ detector })}
      />
      <Choice
        label="Cluster"
        value={filter.cluster}
        options={own(({ cluster }) => cluster).map((one) => [one, one])}
        onChange={(cluster) => set({ cluster })}
      />
      <label className="grid gap-0.5">
        <span className="text-[11px] text-(--text-muted)">Workload or target</span>
        <input
          type="search"
          value={filter.text}
          onChange={(event) => set({ text: event.target.value })}
          className="h-7 w-48 rounded-md border border-(--border) bg-(--bg) px-2"
        />
      </label>
    </div>
  )
}

function Tab({ isOn, onClick, children }: { isOn: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onClick}
      className={cn('h-7 px-2.5 hover:bg-(--surface-2)', isOn ? 'bg-(--surface-2) font-medium' : 'bg-(--surface)')}
    >
      {children}
    </button>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, word: string])[]
  onChange(value: string): void
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  const id = useId()
  return (
    <span className="grid gap-0.5">
      <label htmlFor={id} className="text-[11px] text-(--text-muted)">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-7 rounded-md border border-(--border) bg-(--bg) px-2"
      >
        <option value="">all</option>
        {options.map(([one, word]) => (
          <option key={one} value={one}>
            {word}
          </option>
        ))}
      </select>
    </span>
  )
}
