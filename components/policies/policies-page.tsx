'use client'
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { CoverageLine } from '@/components/coverage/coverage-line'
import { DatasetChip } from '@/components/datasets/dataset-chip'
import { TopBar } from '@/components/frame/top-bar'
import { useNow } from '@/components/graph/use-now'
import { fetchJson } from '@/components/providers/fetch-json'
import { WhyEmpty } from '@/components/sources/why-empty'
import { TimePicker } from '@/components/time/time-picker'
import { LoadProblem } from '@/components/ui/load-problem'
import type { PolicyReport } from '@/lib/model/policy-report'
import { filterLines, policyTotals } from '@/lib/view/policy-lines'
import { cannotKnow } from '@/lib/view/policy-words'
import { windowWords } from '@/lib/view/window-words'
import { PolicyFilters } from './policy-filters'
import { PolicyHeadline } from './policy-headline'
import { PolicySheet } from './policy-sheet'
import { PolicyTable } from './policy-table'
import { type PoliciesState, usePoliciesView } from './use-policies-view'

/** A window that moves is asked again so often. */
const AGAIN_MS = 15_000

/** Every policy that is seen or known: what it decided, what it would decide, and what cannot be known about it. */
export function PoliciesPage() {
  const state = usePoliciesView()
  const { view, params, change } = state
  const { data, error, refetch } = useQuery({
    queryKey: ['policies', params],
    queryFn: () => fetchJson<PolicyReport>(`/api/policies${params ? `?${params}` : ''}`),
    placeholderData: (before) => before,
    ...(view.to === 'now' && { refetchInterval: AGAIN_MS }),
  })
  return (
    <>
      <TopBar title="Policies">
        <DatasetChip name={view.dataset} />
        <div className="ml-auto">
          <TimePicker from={view.from} to={view.to} zone={view.zone} onChange={change} />
        </div>
      </TopBar>
      <main className="min-h-0 flex-1 space-y-4 overflow-y-auto p-4">
        {error && !data && (
          <LoadProblem text={`The policies could not be loaded: ${error.message}`} onRetry={() => void refetch()} />
        )}
        {!data && !error && <p className="text-(--text-muted)">Loading the policies …</p>}
        {data && (
          <>
            {error && <p role="alert">What you see may be old: {error.message}</p>}
            <Report report={data} state={state} />
          </>
        )}
      </main>
    </>
  )
}

function Report({ report, state }: { report: PolicyReport; state: PoliciesState }) {
  const { view, policies, change } = state
  const nowMs = useNow()
  const opener = useRef<HTMLElement | null>(null)
  const shown = filterLines(report.lines, { ...policies, namespaces: view.namespaces })
  const unknown = cannotKnow(report)
  const open = (id: string) => {
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
    change({ open: id })
  }
  return (
    <>
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <PolicyHeadline totals={policyTotals(report.lines)} windowWords={windowWords(view, nowMs)} />
        <CoverageLine coverage={report.coverage} nowMs={nowMs} />
      </div>
      {unknown.length > 0 && (
        <ul aria-label="What this page cannot know" className="space-y-0.5 text-[12px] text-(--text-muted)">
          {unknown.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <PolicyFilters report={report} state={state} />
      {shown.length > 0 ? (
        <PolicyTable lines={shown} report={report} state={state} onOpen={open} />
      ) : (
        <>
          <p className="text-(--text-muted)">
            {report.lines.length > 0 ? 'No policy matches what is chosen.' : NOTHING}
          </p>
          {report.lines.length === 0 && <WhyEmpty view={view} />}
        </>
      )}
      <p aria-live="polite" className="sr-only">
        {shown.length} policies shown
      </p>
      {policies.open && (
        <PolicySheet
          key={policies.open}
          state={state}
          onClose={() => change({ open: '' })}
          onGone={() => opener.current?.isConnected && opener.current.focus()}
        />
      )}
    </>
  )
}

const NOTHING =
  'No record of this window names a policy, and no inventory lists one. Calico names policies in its flow logs, Cilium in Hubble’s policy verdicts; the Sources page says what has spoken.'
