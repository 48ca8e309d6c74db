import { handle } from '@/lib/http/handle'
import { renderMetrics } from '@/lib/usecases/render-metrics'

export const dynamic = 'force-dynamic'

export const GET = handle({
  name: 'metrics',
  access: 'metrics',
  run: async () =>
    new Response(await renderMetrics(Date.now()), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
    }),
})
