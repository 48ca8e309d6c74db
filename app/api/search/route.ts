import { handle, json } from '@/lib/http/handle'
import { searchNames } from '@/lib/usecases/search-names'

export const dynamic = 'force-dynamic'

/** Workloads, hosts, providers and findings by their names: `q`, at most 100 characters, and `dataset`. */
export const GET = handle({
  name: 'search',
  access: 'viewer',
  async run({ url }) {
    return json(await searchNames(url.searchParams.get('dataset') ?? '', url.searchParams.get('q') ?? ''))
  },
})
