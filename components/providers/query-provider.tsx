'use client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { ProblemError } from './fetch-json'

const QUERIES = {
  refetchOnWindowFocus: false,
  staleTime: 60_000,
  retry: (failures: number, error: Error) => failures < 1 && !(error instanceof ProblemError && error.isRefusal),
  retryDelay: 500,
} as const

/**
 * Server data of the page; what is live comes by the stream, so nothing is fetched again by itself.
 * What failed is asked once more, what was refused is not; then the page says what is wrong: three times take seven seconds of "Loading".
 */
export function QueryProvider({ children }: { children: ReactNode }) {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: QUERIES } }))
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>
}
