import { RateLimiterMemory } from 'rate-limiter-flexible'
import { z } from 'zod'
import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import { handle, json } from '@/lib/http/handle'
import { readQuery } from '@/lib/http/read-query'
import { LIMITS } from '@/lib/model/limits'
import { callerOf } from '@/lib/usecases/caller-address'
import { recentProbes } from '@/lib/usecases/list-probes'
import { recordProbe } from '@/lib/usecases/record-probe'
import { CLUSTER_NAME, NAMESPACE_NAME } from '../names'

export const dynamic = 'force-dynamic'

const ofToken = new RateLimiterMemory({ points: LIMITS.canaryProbesPerMinute, duration: 60 })
const parameters = z.strictObject({
  node: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i, 'not the name of a node')
    .optional(),
  told: z.string().max(100).optional(),
  // Where no token says it.
  cluster: CLUSTER_NAME.optional(),
  namespace: NAMESPACE_NAME.optional(),
})

/** What probes showed lately, by place. */
export const GET = handle({
  name: 'canary.list',
  access: 'viewer',
  async run({ url }) {
    const { cluster } = readQuery(url, z.strictObject({ cluster: CLUSTER_NAME.optional() }))
    return json({ probes: await recentProbes(cluster), nowMs: Date.now() })
  },
})

/** One probe of a namespace: Postern notes by which address it came. What its token says of the place stands above the query. */
export const POST = handle({
  name: 'canary.probe',
  access: 'canary',
  async run({ request, url, caller }) {
    const query = readQuery(url, parameters)
    const [cluster, namespace] = [caller.cluster ?? query.cluster, caller.namespace ?? query.namespace]
    if (!cluster || !namespace)
      throw new AppError('bad_request', 'neither the token nor the query names cluster and namespace', {
        hint: 'Make a token for this namespace on the Sources page.',
      })
    await ofToken.consume(caller.tokenId || `${cluster}/${namespace}`).catch(() => {
      throw new AppError('rate_limited', `more than canaryProbesPerMinute=${LIMITS.canaryProbesPerMinute} probes`, {
        retryAfterS: 60,
      })
    })
    const place = { cluster, namespace, tokenId: caller.tokenId, node: query.node ?? '' }
    const seen = await recordProbe(
      { ...place, ...(query.told !== undefined && { told: query.told }) },
      callerOf(request.headers),
      env().POSTERN_TRUSTED_PROXIES,
      Date.now(),
    )
    return json(seen, 201)
  },
})
