'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { TopBar } from '@/components/frame/top-bar'
import { fetchJson } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { LoadProblem } from '@/components/ui/load-problem'
import type { ProviderRow } from '@/lib/model/provider'
import { HostQuestion } from './host-question'
import { ProviderForm } from './provider-form'
import { ProviderTable } from './provider-table'

/** The catalogue in force: who counts as an AI provider by which hosts, what the operator added, and what to register where. */
export function ProvidersPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['providers'],
    queryFn: () => fetchJson<{ providers: ProviderRow[] }>('/api/providers'),
  })
  const [editing, setEditing] = useState<ProviderRow | 'new'>()
  return (
    <>
      <TopBar title="Providers">
        <Button className="ml-auto" onClick={() => setEditing('new')}>
          Add a provider
        </Button>
      </TopBar>
      <main className="min-h-0 flex-1 space-y-5 overflow-y-auto p-4">
        {error && (
          <LoadProblem text={`The catalogue could not be loaded: ${error.message}`} onRetry={() => void refetch()} />
        )}
        {!data && !error && <p className="text-(--text-muted)">Loading the catalogue …</p>}
        {data && (
          <>
            {editing && (
              <ProviderForm
                key={editing === 'new' ? 'new' : editing.id}
                row={editing === 'new' ? undefined : editing}
                onDone={() => setEditing(undefined)}
              />
            )}
            <HostQuestion />
            <ProviderTable providers={data.providers} onEdit={setEditing} />
          </>
        )}
      </main>
    </>
  )
}
