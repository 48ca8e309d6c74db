import { handle, json } from '@/lib/http/handle'
import { listSources } from '@/lib/usecases/list-sources'
import { windowOf } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

/** Sources with what was received since the window's begin, and collectors. */
export const GET = handle({
  name: 'sources.list',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    const { dataset, window } = windowOf(url.searchParams, nowMs)
    return json(await listSources({ dataset, fromMs: window.fromMs }, nowMs))
  },
})
