import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import { handle, json, retentionMs } from '@/lib/http/handle'
import { readBody } from '@/lib/http/read-body'
import { ingestBatch } from '@/lib/usecases/ingest-batch'

export const dynamic = 'force-dynamic'

export const POST = handle<{ source: string }>({
  name: 'ingest',
  access: 'ingest',
  async run({ request, url, params, caller }) {
    if (params.source !== 'hubble' && params.source !== 'calico')
      throw new AppError('not_found', 'unknown source', {
        hint: 'Known: /api/ingest/hubble, /api/ingest/calico, /api/ingest/dns/FORMAT, /api/ingest/nat/FORMAT',
      })
    const clusterHeader = request.headers.get('x-postern-cluster')?.trim().slice(0, 128)
    const result = await ingestBatch({
      source: params.source,
      body: readBody(request),
      dataset: url.searchParams.get('dataset') ?? '',
      tokenId: caller.tokenId,
      ...(caller.cluster && { tokenCluster: caller.cluster }),
      ...(clusterHeader && { clusterHeader }),
      defaultCluster: env().POSTERN_CLUSTER,
      retentionMs: retentionMs(),
      nowMs: Date.now(),
    })
    return json(result)
  },
})
