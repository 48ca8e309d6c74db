'use client'
import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import type { FlowListRow, FlowPage } from '@/lib/model/flow-list'
import { merged } from './merge-rows'

/** How often the newest records are asked for while the table follows. */
const FOLLOW_MS = 5000

type Pages = InfiniteData<FlowPage, string>

interface FlowRows {
  readonly rows: readonly FlowListRow[]
  /** Of the newest page. */
  readonly page: FlowPage | undefined
  readonly error: string | undefined
  readonly isLoading: boolean
  readonly isLoadingMore: boolean
  readonly hasMore: boolean
  /** Older ones are not asked for by scrolling: asking failed, or the last page ended before it was full. */
  readonly mustAsk: boolean
  /** Records that were read for a filter that must read each, so far. */
  readonly looked: number | undefined
  loadMore(): void
  retry(): void
}

/** The records of a view, page by page as they are scrolled to; while `isFollowing` the newest come in by themselves. */
export function useFlowRows(params: string, limit: number, isFollowing: boolean): FlowRows {
  const client = useQueryClient()
  const key = useMemo(() => ['flows', params, limit], [params, limit])
  const path = `/api/flows?${params}${params && '&'}limit=${limit}`
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, isFetchNextPageError, refetch } =
    useInfiniteQuery({
      queryKey: key,
      queryFn: ({ pageParam }) => fetchJson<FlowPage>(`${path}${pageParam && `&cursor=${pageParam}`}`),
      initialPageParam: '',
      getNextPageParam: (page: FlowPage) => page.next,
      refetchOnReconnect: false,
      // Read again whenever the page is opened: what was kept would be of another moment.
      staleTime: 0,
      gcTime: 0,
    })
  const tail = useQuery({
    queryKey: ['flows-tail', params, limit],
    queryFn: () => fetchJson<FlowPage>(path),
    enabled: isFollowing && data !== undefined,
    refetchInterval: FOLLOW_MS,
    staleTime: 0,
    gcTime: 0,
  })
  useEffect(() => {
    const newest = tail.data
    if (!newest || !isFollowing) return
    client.setQueryData<Pages>(key, (before) => before && { ...before, pages: merged(before.pages, newest) })
  }, [client, key, tail.data, isFollowing])
  const lastPage = data?.pages.at(-1)
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data])
  const loadMore = () => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }
  return {
    rows,
    page: data?.pages[0],
    error: (error ?? tail.error)?.message,
    isLoading: data === undefined && !error,
    isLoadingMore: isFetchingNextPage,
    hasMore: hasNextPage,
    mustAsk: isFetchNextPageError || (lastPage?.looked !== undefined && lastPage.rows.length < limit),
    looked: data?.pages.reduce<number | undefined>(
      (sum, { looked }) => (looked === undefined ? sum : (sum ?? 0) + looked),
      undefined,
    ),
    loadMore,
    retry: () => void refetch(),
  }
}
