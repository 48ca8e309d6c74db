import 'server-only'
import { env } from '@/lib/env'
import { AppError, isAppError } from '@/lib/errors'
import { logger } from '@/lib/observability/logger'
import { count } from '@/lib/observability/metrics'
import { receiveOtlp } from '@/lib/usecases/receive-otlp'
import { refuseOtlp, refuseOtlpTarget } from '@/lib/usecases/refuse-otlp'
import type { Sender } from '@/lib/usecases/sender'
import { authenticate } from './authenticate'
import { baseUrlOf } from './base-url'
import { retentionMs } from './handle'
import { readBody } from './read-body'

type OtlpAnswer = Awaited<ReturnType<typeof receiveOtlp>>

/**
 * Every OTLP/HTTP request, on the main port and on 4318: all signals, all of their paths, all methods. Every answer is one of
 * the protocol's, in the encoding of the request, failures of authentication included; nothing but passing trouble makes a
 * sender try again.
 */
export async function answerOtlp(request: Request): Promise<Response> {
  const answer = await answerTo(request)
  count('postern_http_requests', 1, { route: 'otlp', status: `${Math.floor(answer.status / 100)}xx` })
  const headers: Record<string, string> = { 'content-type': answer.contentType }
  if (answer.retryAfterS) headers['retry-after'] = String(answer.retryAfterS)
  if (answer.status === 405) headers.allow = 'POST'
  return new Response(Buffer.from(answer.body), { status: answer.status, headers })
}

async function answerTo(request: Request): Promise<OtlpAnswer> {
  const contentType = request.headers.get('content-type')
  const { pathname } = new URL(request.url)
  const target = { method: request.method, pathname, contentType, baseUrl: baseUrlOf(request) }
  const refusal = refuseOtlpTarget(target)
  if (refusal) return refusal
  try {
    const sender = await otlpSender(request)
    return await receiveOtlp({ ...sender, pathname, contentType, body: readBody(request) })
  } catch (error) {
    return refuseOtlp(asRefusal(error), contentType)
  }
}

/**
 * Who sends, and where the records belong: by token, `X-Postern-Cluster` and `?dataset=`. Throws `unauthenticated`,
 * `forbidden` or `unavailable`.
 */
export async function otlpSender(request: Request): Promise<Sender> {
  const caller = await authenticate(request, 'ingest')
  const clusterHeader = request.headers.get('x-postern-cluster')?.trim().slice(0, 128)
  return {
    dataset: new URL(request.url).searchParams.get('dataset') ?? '',
    tokenId: caller.tokenId,
    ...(clusterHeader && { clusterHeader }),
    ...(caller.cluster && { tokenCluster: caller.cluster }),
    defaultCluster: env().POSTERN_CLUSTER,
    retentionMs: retentionMs(),
    nowMs: Date.now(),
  }
}

/** What goes wrong while a sender is looked up is ours, not his: he is to try again. */
export function asRefusal(error: unknown): AppError {
  if (isAppError(error)) return error
  logger().error({ route: 'otlp', error }, 'a sender could not be authenticated')
  return new AppError('unavailable', 'the sender could not be authenticated', { cause: error, retryAfterS: 2 })
}
