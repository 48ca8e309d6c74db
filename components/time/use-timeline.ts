'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { fetchJson } from '@/components/providers/fetch-json'
import type { Timeline } from '@/lib/model/timeline'
import { trafficTotal } from '@/lib/model/traffic-count'
import { DEFAULT_VIEW, type GraphView, serializeGraphView } from '@/lib/view/graph-view'

/** A strip is an overview: it need not be newer than that. */
const REFRESH_MS = 30_000
/** A strip without any traffic waits for the first. */
const FIRST_MS = 3000

/** The timeline of a view's cluster and window, asked for again while the window moves. */
export function useTimeline(
  { dataset, cluster, from, to, zone }: GraphView,
  isWanted: boolean,
): { timeline: Timeline | undefined; error: string | undefined } {
  const params = serializeGraphView({ ...DEFAULT_VIEW, dataset, cluster, from, to, zone }).toString()
  const { data, error } = useQuery({
    queryKey: ['timeline', params],
    queryFn: () => fetchJson<Timeline>(`/api/timeline?${params}`),
    enabled: isWanted,
    refetchInterval: ({ state: { data } }) => to === 'now' && (data && !hasTraffic(data) ? FIRST_MS : REFRESH_MS),
    placeholderData: keepPreviousData,
  })
  return { timeline: data, error: error?.message }
}

const hasTraffic = ({ counts }: Timeline): boolean =>
  counts.some((count) => Object.values(count).some((one) => trafficTotal(one) > 0))
