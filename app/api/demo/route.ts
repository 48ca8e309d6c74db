import { env } from '@/lib/env'
import { actorOf } from '@/lib/http/actor'
import { handle, json, retentionMs } from '@/lib/http/handle'
import { loadDemo } from '@/lib/usecases/load-demo'

export const dynamic = 'force-dynamic'

export const POST = handle({
  name: 'demo.load',
  access: 'viewer',
  run: async ({ caller }) =>
    json(
      await loadDemo({
        nowMs: Date.now(),
        retentionMs: retentionMs(),
        defaultCluster: env().POSTERN_CLUSTER,
        actor: actorOf(caller),
      }),
    ),
})
