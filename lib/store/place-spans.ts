import 'server-only'
import type { EndpointIdentity } from '@/lib/model/endpoint'
import type { PreparedSpan } from '@/lib/model/prepared-spans'
import type { Queryable } from './client'
import { edgeId, endpointId } from './flow-ids'
import type { EdgeRow, EndpointRow } from './save-dictionaries'

export interface SpanEdge {
  readonly edge: EdgeRow
  readonly ends: readonly EndpointRow[]
}

/**
 * The edge that each span's own peer names, by span. A short name (`qdrant`, `qdrant.vectors`) is a workload of the cluster
 * where one of that name is known, else a host of that name.
 */
export async function placeSpans(
  client: Queryable,
  dataset: string,
  spans: readonly PreparedSpan[],
): Promise<ReadonlyMap<PreparedSpan, SpanEdge>> {
  const known = await knownWorkloads(client, dataset, spans)
  const placed = new Map<PreparedSpan, SpanEdge>()
  for (const item of spans) {
    if (!item.server) continue
    const { candidate, identity, serverPort } = item.server
    const workload = candidate && ({ class: 'workload', ...candidate } as const)
    const isKnown = workload && known.has(endpointId(dataset, item.cluster, workload))
    placed.set(item, edgeOf(dataset, item, isKnown ? workload : identity, serverPort))
  }
  return placed
}

async function knownWorkloads(
  client: Queryable,
  dataset: string,
  spans: readonly PreparedSpan[],
): Promise<ReadonlySet<string>> {
  const ids = spans.flatMap(({ cluster, server }) =>
    server?.candidate ? [endpointId(dataset, cluster, { class: 'workload', ...server.candidate })] : [],
  )
  if (ids.length === 0) return new Set()
  const result = await client.query<{ id: string }>('SELECT id::text FROM endpoint WHERE id = ANY($1::bigint[])', [
    [...new Set(ids)],
  ])
  return new Set(result.rows.map((row) => row.id))
}

function edgeOf(dataset: string, item: PreparedSpan, server: EndpointIdentity, serverPort: number): SpanEdge {
  const { cluster, client } = item
  const row = (identity: EndpointIdentity): EndpointRow => ({
    id: endpointId(dataset, cluster, identity),
    dataset,
    cluster,
    class: identity.class,
    namespace: identity.namespace,
    name: identity.name,
  })
  const ends = [row(client), row(server)] as const
  const [{ id: clientId }, { id: serverId }] = ends
  const edge = {
    edgeId: edgeId(dataset, cluster, clientId, serverId, 'tcp', serverPort),
    dataset,
    clientId,
    serverId,
    flow: { cluster, protocol: 'tcp', serverPort },
  }
  return { edge, ends }
}
