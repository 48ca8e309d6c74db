import type { Metadata } from 'next'
import { EmbedGraph } from '@/components/graph/embed-graph'
import { QueryProvider } from '@/components/providers/query-provider'

export const metadata: Metadata = { title: 'Graph panel' }

export default function EmbedGraphPage() {
  return (
    <QueryProvider>
      <EmbedGraph />
    </QueryProvider>
  )
}
