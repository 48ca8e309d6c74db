'use client'
import { useQuery } from '@tanstack/react-query'
import { fetchJson, ProblemError } from '@/components/providers/fetch-json'
import type { DatasetName, DatasetReport } from '@/lib/model/dataset'

/** What is being deleted goes by itself: the list is asked again until it is gone. */
const WHILE_DELETING_MS = 2000

export const DATASETS_KEY = ['datasets'] as const

/** The live dataset and the pinned ones. */
export function useDatasets(): { report: DatasetReport | undefined; error: string | undefined; retry(): void } {
  const { data, error, refetch } = useQuery({
    queryKey: DATASETS_KEY,
    queryFn: () => fetchJson<DatasetReport>('/api/datasets'),
    // An import that ended a moment ago is looked for here.
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.pinned.some((one) => one.deletingMs !== undefined) ? WHILE_DELETING_MS : false,
  })
  return { report: data, error: error?.message, retry: () => void refetch() }
}

/** Title and state of one pinned dataset; undefined for the live one and until it is known. `isMissing`: there is none by this name. */
export function useDatasetName(name: string): { dataset: DatasetName | undefined; isMissing: boolean } {
  const { data, error } = useQuery({
    queryKey: ['dataset', name],
    queryFn: () => fetchJson<DatasetName>(`/api/datasets/${encodeURIComponent(name)}`),
    enabled: name !== '',
    retry: false,
  })
  return { dataset: data, isMissing: error instanceof ProblemError && error.status === 404 }
}
