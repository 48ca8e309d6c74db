import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import { handle, json, retentionMs } from '@/lib/http/handle'
import { readBody } from '@/lib/http/read-body'
import { ingestNat } from '@/lib/usecases/ingest-nat'

export const dynamic = 'force-dynamic'

/** NAT evidence. It may prove something only over a channel that the workload cannot write to: the token says so. */
export const POST = handle<{ format: string }>({
  name: 'ingest.nat',
  access: 'nat',
  async run({ request, url, params, caller }) {
    if (params.format !== 'conntrack')
      throw new AppError('not_found', 'unknown NAT format', { hint: 'Known: /api/ingest/nat/conntrack?hop=NAME' })
    const clusterHeader = request.headers.get('x-postern-cluster')?.trim().slice(0, 128)
    const result = await ingestNat({
      format: params.format,
      hop: url.searchParams.get('hop') ?? '',
      body: readBody(request),
      dataset: url.searchParams.get('dataset') ?? '',
      tokenId: caller.tokenId,
      ...(caller.cluster && { tokenCluster: caller.cluster }),
      ...(clusterHeader && { clusterHeader }),
      defaultCluster: env().POSTERN_CLUSTER,
      trusted: caller.mayProve,
      retentionMs: retentionMs(),
      nowMs: Date.now(),
    })
    return json(result)
  },
})
