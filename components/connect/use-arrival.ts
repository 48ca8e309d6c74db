'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import type { Way } from '@/lib/connect/ways'
import type { ApiToken } from '@/lib/model/api-token'
import type { SourceReport } from '@/lib/model/source-report'
import { type Arrival, arrivalOf } from '@/lib/view/arrival'

const ASKED_EVERY_MS = 2000

interface Wanted {
  readonly way: Way
  readonly cluster: string
  readonly hop: string
  readonly address: string
  /** Of the token that was made for it; '' = none. */
  readonly tokenId: string
}

export interface Seen {
  readonly arrival: Arrival
  /** When the first record was received, once it was; by the server's clock. */
  readonly firstMs: number | undefined
}

/** Asks every two seconds how far the first record came, from when this was first shown, or its token was made. */
export function useArrival({ way, cluster, hop, address, tokenId }: Wanted): {
  seen: Seen | undefined
  error: string | undefined
} {
  const start = useQuery({
    queryKey: ['arrival-start', way.title, cluster, hop, tokenId],
    queryFn: () => fetchJson<SourceReport>('/api/sources?from=now-1m'),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const tokens = useQuery({
    queryKey: ['tokens'],
    queryFn: () => fetchJson<{ tokens: ApiToken[] }>('/api/tokens'),
    enabled: tokenId !== '',
    refetchInterval: ASKED_EVERY_MS,
  })
  const token = tokens.data?.tokens.find(({ id }) => id === tokenId)
  const sinceMs = tokenId === '' ? start.data?.nowMs : token?.createdMs
  const { data: report, error } = useQuery({
    queryKey: ['arrival', way.title, cluster, hop, tokenId, sinceMs],
    queryFn: () => fetchJson<SourceReport>(`/api/sources?from=${Math.floor(sinceMs ?? 0)}&to=now`),
    enabled: sinceMs !== undefined,
    refetchInterval: ASKED_EVERY_MS,
  })
  const [firstMs, setFirstMs] = useState<number>()
  const { source, collectors = [] } = way
  const arrival =
    report && sinceMs !== undefined
      ? arrivalOf({ source, cluster, ...(hop && { hop }), collectors, sinceMs, address }, report, token)
      : undefined
  if (arrival?.state === 'arrived' && firstMs === undefined) setFirstMs(arrival.line.lastReceivedMs ?? report?.nowMs)
  return { seen: arrival && { arrival, firstMs }, error: (error ?? tokens.error ?? start.error)?.message }
}
