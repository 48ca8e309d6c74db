import 'server-only'
import { env } from '@/lib/env'
import { receiveTraces } from '@/lib/usecases/receive-traces'
import { authenticate } from './authenticate'
import { problem, retentionMs } from './handle'
import { readBody } from './read-body'

/** OTLP/HTTP traces, on each of its paths. A sender without a valid token gets problem+json; the rest is answered as OTLP. */
export async function postTraces(request: Request): Promise<Response> {
  try {
    const caller = await authenticate(request, 'ingest')
    const url = new URL(request.url)
    const clusterHeader = request.headers.get('x-postern-cluster')?.trim().slice(0, 128)
    const answer = await receiveTraces({
      contentType: request.headers.get('content-type'),
      body: readBody(request),
      dataset: url.searchParams.get('dataset') ?? '',
      ...(clusterHeader && { clusterHeader }),
      ...(caller.cluster && { tokenCluster: caller.cluster }),
      defaultCluster: env().POSTERN_CLUSTER,
      retentionMs: retentionMs(),
      nowMs: Date.now(),
    })
    const headers: Record<string, string> = { 'content-type': answer.contentType }
    if (answer.retryAfterS) headers['retry-after'] = String(answer.retryAfterS)
    return new Response(Buffer.from(answer.body), { status: answer.status, headers })
  } catch (error) {
    return problem(error, 'ingest.traces')
  }
}
