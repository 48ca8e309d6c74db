import { env } from '@/lib/env'
import { handle, json, retentionMs } from '@/lib/http/handle'
import { readBody } from '@/lib/http/read-body'
import { ingestNat } from '@/lib/usecases/ingest-nat'
import { natFieldsOf, natFormatOf } from '@/lib/usecases/nat-request'

export const dynamic = 'force-dynamic'

/** NAT evidence. It may prove something only over a channel that the workload cannot write to: the token says so. */
export const POST = handle<{ format: string }>({
  name: 'ingest.nat',
  access: 'nat',
  async run({ request, url, params, caller }) {
    const format = natFormatOf(params.format)
    const columns = url.searchParams.get('fields') ?? ''
    const clusterHeader = request.headers.get('x-postern-cluster')?.trim().slice(0, 128)
    const result = await ingestNat({
      format,
      ...natFieldsOf(columns),
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
