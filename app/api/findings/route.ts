import { handle, json } from '@/lib/http/handle'
import { listFindings } from '@/lib/usecases/list-findings'

export const dynamic = 'force-dynamic'

const STATUSES = ['open', 'resolved', 'stale'] as const

export const GET = handle({
  name: 'findings.list',
  access: 'viewer',
  async run({ url }) {
    const status = STATUSES.find((item) => item === url.searchParams.get('status'))
    const dataset = (url.searchParams.get('dataset') ?? '').slice(0, 64)
    return json(await listFindings({ dataset, ...(status && { status }) }))
  },
})
