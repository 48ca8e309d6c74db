'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { LoadProblem } from '@/components/ui/load-problem'
import type { ConnectionPage, EdgeDetail } from '@/lib/model/edge-detail'
import { DOOR_STATES, type DoorState } from '@/lib/model/egress'
import { DOOR_WORD } from '@/lib/view/door-sentence'
import { formatCount } from '@/lib/view/format'
import { connectionsOf, DoorConnections } from '../door-connections'

interface Props {
  readonly detail: EdgeDetail
  /** Of the view. */
  readonly params: string
  /** '' = any. */
  readonly state: DoorState | ''
  onState(state: DoorState | ''): void
}

/** All judged connections of an edge, of one judgement or of all, page by page: as many as the counts of its door say. */
export function JudgedConnections({ detail, params, state, onState }: Props) {
  const { edge } = detail
  const path = `/api/edges/${edge.id}/connections?${params}${params && '&'}door=${state}`
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['connections-of', path],
    queryFn: ({ pageParam }) => fetchJson<ConnectionPage>(`${path}${pageParam && `&cursor=${pageParam}`}`),
    initialPageParam: '',
    getNextPageParam: (page: ConnectionPage) => page.next,
    staleTime: 0,
    placeholderData:
      state === ''
        ? { pages: [{ connections: detail.connections, total: detail.connectionsTotal }], pageParams: [''] }
        : undefined,
  })
  const counts = JSON.stringify(edge.door?.counts)
  const loadedFor = useRef(counts)
  useEffect(() => {
    if (loadedFor.current === counts) return
    loadedFor.current = counts
    void refetch()
  }, [counts, refetch])
  const rows = data?.pages.flatMap((page) => page.connections) ?? []
  // One that was judged anew between two pages may stand on both.
  const connections = [...new Map(rows.map((row) => [row.id, row])).values()]
  const total = data?.pages[0]?.total ?? 0
  const states = DOOR_STATES.filter((one) => one === state || (edge.door?.counts[one] ?? 0) > 0)
  return (
    <>
      {(states.length > 1 || state !== '') && (
        <fieldset className="mt-2 flex flex-wrap gap-1">
          <legend className="sr-only">Connections by door</legend>
          {(['', ...states] as const).map((value) => (
            <button
              key={value}
              type="button"
              aria-pressed={state === value}
              className={`rounded-md border px-1.5 text-[12px] hover:bg-(--surface-2) ${state === value ? 'border-(--accent) font-medium' : 'border-(--border)'}`}
              onClick={() => onState(value)}
            >
              {value === '' ? 'All' : DOOR_WORD[value]}
            </button>
          ))}
        </fieldset>
      )}
      {error && <LoadProblem what="The connections" text={error.message} onRetry={() => void refetch()} />}
      {!data && !error && <p className="text-(--text-muted)">Loading the connections …</p>}
      {data && connections.length === 0 && <p className="mt-2">No connection was judged so in this window.</p>}
      <DoorConnections connections={connections} total={total} isOneState={state !== ''} />
      {hasNextPage && (
        <p className="mt-2 flex items-center gap-2 text-(--text-muted)">
          <Button size="small" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
          {formatCount(Math.max(0, total - connectionsOf(connections)))} more
        </p>
      )}
    </>
  )
}
