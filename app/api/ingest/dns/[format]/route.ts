import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import { handle, json, retentionMs } from '@/lib/http/handle'
import { readBody } from '@/lib/http/read-body'
import { DNS_FORMATS, ingestDns } from '@/lib/usecases/ingest-dns'

export const dynamic = 'force-dynamic'

/** DNS logs. A name may decide a judgement, as a flow's own names may: the token must be out of the workloads' reach. */
export const POST = handle<{ format: string }>({
  name: 'ingest.dns',
  access: 'ingest',
  async run({ request, url, params, caller }) {
    const format = DNS_FORMATS.find((known) => known === params.format)
    if (!format)
      throw new AppError('not_found', 'unknown DNS format', {
        hint: 'Known: /api/ingest/dns/coredns, /api/ingest/dns/calico',
      })
    const clusterHeader = request.headers.get('x-postern-cluster')?.trim().slice(0, 128)
    const result = await ingestDns({
      format,
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
