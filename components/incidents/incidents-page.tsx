'use client'
import { useQuery } from '@tanstack/react-query'
import { DatasetChip } from '@/components/datasets/dataset-chip'
import { TopBar } from '@/components/frame/top-bar'
import { fetchJson } from '@/components/providers/fetch-json'
import { LoadProblem } from '@/components/ui/load-problem'
import type { Finding } from '@/lib/model/finding'
import type { CaseSummary } from '@/lib/model/incident-case'
import type { IncidentSummary } from '@/lib/model/share'
import { CaseList } from './case-list'
import { DetectorLine } from './detector-line'
import { FindingsSection } from './findings-section'
import { IncidentList } from './incident-list'
import { CASES_KEY, FINDINGS_KEY } from './use-act'

const REFRESH_MS = 5000

/** Incidents, open ones first, all findings, and the evidence that was frozen of them with its links. */
export function IncidentsPage({ dataset }: { dataset: string }) {
  const of = dataset === '' ? '' : `?${new URLSearchParams({ dataset })}`
  const cases = useQuery({
    queryKey: [...CASES_KEY, dataset],
    queryFn: () => fetchJson<{ cases: CaseSummary[]; total: number }>(`/api/cases${of}`),
    refetchInterval: REFRESH_MS,
  })
  const findings = useQuery({
    queryKey: [...FINDINGS_KEY, dataset],
    queryFn: () => fetchJson<{ findings: Finding[]; total: number }>(`/api/findings${of}`),
    refetchInterval: REFRESH_MS,
  })
  const incidents = useQuery({
    queryKey: ['incidents'],
    queryFn: () => fetchJson<{ incidents: IncidentSummary[]; total: number }>('/api/incidents'),
  })
  const problem = cases.error ?? findings.error ?? incidents.error
  return (
    <>
      <TopBar title="Incidents">
        <div className="mr-auto">
          <DatasetChip name={dataset} />
        </div>
      </TopBar>
      <main className="min-h-0 flex-1 space-y-6 overflow-y-auto p-4">
        {problem && (
          <LoadProblem
            text={`Not all could be loaded: ${problem.message}`}
            onRetry={() => {
              for (const part of [cases, findings, incidents]) if (part.isError) void part.refetch()
            }}
          />
        )}
        <DetectorLine dataset={dataset} />
        <Section id="cases" title="Incidents">
          <Waiting of={cases} />
          {cases.data && <CaseList cases={cases.data.cases} total={cases.data.total} />}
        </Section>
        <Section id="findings" title="Findings">
          <Waiting of={findings} />
          {findings.data && <FindingsSection findings={findings.data.findings} total={findings.data.total} />}
        </Section>
        <Section id="links" title="Frozen evidence and its links">
          <Waiting of={incidents} />
          {incidents.data && <IncidentList incidents={incidents.data.incidents} total={incidents.data.total} />}
        </Section>
      </main>
    </>
  )
}

/** Each part of the page waits for itself, and says where it has nothing to show. */
function Waiting({ of }: { of: { readonly isPending: boolean; readonly isError: boolean } }) {
  if (of.isPending) return <p className="text-(--text-muted)">Loading …</p>
  return of.isError ? <p className="text-(--text-muted)">Not loaded.</p> : null
}

function Section({ id, title, children }: { id: string; title: string; children: React.ReactNode }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="mb-2 text-[15px] font-semibold">
        {title}
      </h2>
      {children}
    </section>
  )
}
