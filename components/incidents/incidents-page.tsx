'use client'
import { useQuery } from '@tanstack/react-query'
import { TopBar } from '@/components/frame/top-bar'
import { fetchJson } from '@/components/providers/fetch-json'
import type { Finding } from '@/lib/model/finding'
import type { IncidentSummary } from '@/lib/model/share'
import { FindingList } from './finding-list'
import { IncidentList } from './incident-list'

const REFRESH_MS = 5000

/** Findings, open and worst first, and the incidents that were frozen from them with their links. */
export function IncidentsPage() {
  const findings = useQuery({
    queryKey: ['findings'],
    queryFn: () => fetchJson<{ findings: Finding[]; total: number }>('/api/findings'),
    refetchInterval: REFRESH_MS,
  })
  const incidents = useQuery({
    queryKey: ['incidents'],
    queryFn: () => fetchJson<{ incidents: IncidentSummary[]; total: number }>('/api/incidents'),
  })
  const problem = findings.error ?? incidents.error
  return (
    <>
      <TopBar title="Incidents" />
      <main className="min-h-0 flex-1 space-y-6 overflow-y-auto p-4">
        {problem && <p role="alert">{problem.message}</p>}
        <section aria-labelledby="findings">
          <h2 id="findings" className="mb-2 text-[15px] font-semibold">
            Findings
          </h2>
          {findings.data && <FindingList findings={findings.data.findings} total={findings.data.total} />}
        </section>
        <section aria-labelledby="links">
          <h2 id="links" className="mb-2 text-[15px] font-semibold">
            Incident links
          </h2>
          {incidents.data && <IncidentList incidents={incidents.data.incidents} total={incidents.data.total} />}
        </section>
      </main>
    </>
  )
}
