'use client'
import { useRouter } from 'next/navigation'
import { useMemo, useState } from 'react'
import { Button } from '@/components/ui/button'
import type { Finding } from '@/lib/model/finding'
import { ALL_FINDINGS, filterFindings } from './finding-filter'
import { FindingFilters } from './finding-filters'
import { FindingTable } from './finding-table'
import { useAct } from './use-act'

/** All findings with their filters, and the way to make an incident of some of them. */
export function FindingsSection({ findings, total }: { findings: readonly Finding[]; total: number }) {
  const [filter, setFilter] = useState(ALL_FINDINGS)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const router = useRouter()
  const open = useAct<{ id: string }>('/api/cases', ({ id }) => router.push(`/incidents/${id}`))
  const shown = useMemo(() => filterFindings(findings, filter), [findings, filter])
  const ids = shown.flatMap(({ id }) => (chosen.has(id) ? [id] : []))
  const choose = (id: string, isChosen: boolean) => {
    const next = new Set(chosen)
    if (isChosen) next.add(id)
    else next.delete(id)
    setChosen(next)
  }
  if (findings.length === 0)
    return (
      <p className="max-w-2xl text-(--text-muted)">
        No finding. One opens when a NAT log proves that a call to an AI provider left by an address that its egress
        rule does not sanction, when a rule covers calls whose door nobody can prove, or when another detector sees what
        it looks for. The Sources page says what is connected.
      </p>
    )
  return (
    <>
      <FindingFilters findings={findings} filter={filter} onChange={setFilter} />
      {ids.length > 0 && (
        <p className="mb-2 flex items-center gap-2">
          {ids.length} chosen
          <Button size="small" disabled={open.isPending} onClick={() => open.mutate({ findingIds: ids })}>
            Open an incident
          </Button>
          {open.error && <span role="alert">{open.error.message}</span>}
        </p>
      )}
      {shown.length === 0 ? (
        <p className="text-(--text-muted)">
          {filter.tab === 'accepted'
            ? 'No accepted risk that the filters leave.'
            : 'No finding that the filters leave.'}
        </p>
      ) : (
        <FindingTable findings={shown} chosen={chosen} onChoose={choose} />
      )}
      {total > findings.length && <p className="mt-2">{total - findings.length} older findings are not shown.</p>}
    </>
  )
}
