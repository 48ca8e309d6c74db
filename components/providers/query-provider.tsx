'use client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

/** Server data of the page; what is live comes by the stream, so nothing is fetched again by itself. */
export function QueryProvider({ children }: { children: ReactNode }) {
  const [client] = useState(
    () => new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false, staleTime: 60_000 } } }),
  )
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>
}
