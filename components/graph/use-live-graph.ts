'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { errorOf } from '@/components/providers/fetch-json'
import { applyPatch } from '@/lib/graph/diff-graph'
import type { GraphPatch, ServiceGraph } from '@/lib/model/graph'

export type LiveState = 'connecting' | 'live' | 'reconnecting'

/** How long after a refusal the stream is asked for again. */
const REFUSED_MS = 10_000

/**
 * The graph of a view, live: the stream's snapshot first, then its patches. A browser reconnects by itself and says what it
 * has seen last: it gets what it missed, or a fresh snapshot. Until the stream speaks, an ordinary request fills the page. Not
 * wanted, nothing is asked for.
 */
export function useLiveGraph(
  params: string,
  isWanted = true,
): {
  graph: ServiceGraph | undefined
  live: LiveState
  error: string | undefined
} {
  const client = useQueryClient()
  const [live, setLive] = useState<LiveState>('connecting')
  const { data, error, failureReason } = useQuery({
    queryKey: ['graph', params],
    queryFn: () => fetchGraph(params),
    enabled: isWanted,
    // The stream goes on where it was: an answer fetched beside it could be older than its last patch.
    refetchOnReconnect: false,
  })
  useEffect(() => {
    if (!isWanted) return
    const key = ['graph', params]
    let source: EventSource | undefined
    let again: ReturnType<typeof setTimeout> | undefined
    const open = () => {
      const opened = new EventSource(`/api/graph/stream?${params}`)
      source = opened
      opened.addEventListener('open', () => setLive('live'))
      opened.addEventListener('error', () => {
        setLive('reconnecting')
        // A browser gives up for good where the answer was an error, such as a replica that is full or about to end.
        if (opened.readyState === EventSource.CLOSED) again = setTimeout(open, REFUSED_MS)
      })
      opened.addEventListener('snapshot', (event) => client.setQueryData(key, parse<ServiceGraph>(event.data)))
      opened.addEventListener('patch', (event) => {
        client.setQueryData<ServiceGraph>(key, (graph) => graph && applyPatch(graph, parse<GraphPatch>(event.data)))
      })
    }
    open()
    return () => {
      clearTimeout(again)
      source?.close()
    }
  }, [client, params, isWanted])
  // Said while it is asked for again: a page that only says that it loads explains nothing.
  return { graph: data, live, error: (error ?? failureReason)?.message }
}

async function fetchGraph(params: string): Promise<ServiceGraph> {
  const response = await fetch(`/api/graph?${params}`)
  if (response.status === 401 && !isEmbedded()) window.location.assign('/sign-in')
  if (!response.ok) throw await errorOf(response)
  return parse<ServiceGraph>(await response.text())
}

/** A frame cannot sign in: it says what is wrong instead. */
const isEmbedded = (): boolean => window.location.pathname.startsWith('/embed/')

/** Our own server's answer: its type is the handler's return type, which the type checker holds on that side. */
const parse = <T>(text: string): T => JSON.parse(text) as T
