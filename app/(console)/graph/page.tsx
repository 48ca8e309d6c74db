import { GraphPage } from '@/components/graph/graph-page'
import { QueryProvider } from '@/components/providers/query-provider'

export default function Page() {
  return (
    <QueryProvider>
      <GraphPage />
    </QueryProvider>
  )
}
