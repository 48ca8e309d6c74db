'use client'
import { useQuery } from '@tanstack/react-query'
import { useNow } from '@/components/graph/use-now'
import { fetchJson } from '@/components/providers/fetch-json'
import type { SourceReport } from '@/lib/model/source-report'
import type { GraphView } from '@/lib/view/graph-view'

const REFRESH_MS = 5000

/**
 * Sources and collectors, asked again every five seconds. `nowMs` is the server's clock, so that ages are right whatever
 * the browser's clock says.
 */
export function useSources(
  { from, to, dataset }: Pick<GraphView, 'from' | 'to' | 'dataset'>,
  enabled = true,
): { report: SourceReport | undefined; nowMs: number; error: string | undefined } {
  const params = new URLSearchParams({ from, to, ...(dataset && { dataset }) }).toString()
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: ['sources', params],
    queryFn: () => fetchJson<SourceReport>(`/api/sources?${params}`),
    refetchInterval: REFRESH_MS,
    enabled,
  })
  const browserMs = useNow()
  const nowMs = (data?.nowMs ?? browserMs) + Math.max(0, browserMs - (dataUpdatedAt || browserMs))
  return { report: data, nowMs, error: error?.message }
}
