import 'server-only'
import type { EndpointIdentity } from '@/lib/model/endpoint'
import type { SpanServer } from '@/lib/model/prepared-spans'
import type { Queryable } from './client'
import { edgeId, endpointId } from './flow-ids'
import type { AddressHolders } from './load-address-holders'
import type { EdgeRow, EndpointRow } from './save-dictionaries'

/** A span with the edge that its own names give, before it is known what answers to these names. */
export interface NamedSpan {
  readonly key: string
  readonly cluster: string
  readonly clientId: string
  readonly startMs: number
  readonly server: SpanServer
}

export interface SpanEdge {
  readonly edge: EdgeRow
  readonly ends: readonly EndpointRow[]
  /** A workload of this name may yet become known. */
  readonly isProvisional: boolean
}

/**
 * The edges that spans name, by key. An address that a pod held is that pod's workload; a short name (`qdrant`,
 * `qdrant.vectors`) is a workload of the cluster where one of that name is known, else a host of that name.
 */
export async function placeSpans(
  client: Queryable,
  dataset: string,
  spans: readonly NamedSpan[],
  { holderOf, known: emitters }: { readonly holderOf: AddressHolders; readonly known: ReadonlySet<string> },
): Promise<ReadonlyMap<string, SpanEdge>> {
  const stored = await knownWorkloads(client, dataset, spans)
  const placed = new Map<string, SpanEdge>()
  for (const item of spans) {
    const { candidate, identity, address } = item.server
    const workload = candidate && ({ class: 'workload', ...candidate } as const)
    const id = workload && endpointId(dataset, item.cluster, workload)
    const isKnown = workload && id !== undefined && (stored.has(id) || emitters.has(id))
    const holder = address ? holderOf({ cluster: item.cluster, ip: address, atMs: item.startMs }) : undefined
    const isProvisional = candidate !== undefined && !isKnown && !holder
    placed.set(item.key, { ...edgeOf(dataset, item, holder ?? (isKnown ? workload : identity)), isProvisional })
  }
  return placed
}

async function knownWorkloads(
  client: Queryable,
  dataset: string,
  spans: readonly NamedSpan[],
): Promise<ReadonlySet<string>> {
  const ids = spans.flatMap(({ cluster, server }) =>
    server.candidate ? [endpointId(dataset, cluster, { class: 'workload', ...server.candidate })] : [],
  )
  if (ids.length === 0) return new Set()
  const result = await client.query<{ id: string }>('SELECT id::text FROM endpoint WHERE id = ANY($1::bigint[])', [
    [...new Set(ids)],
  ])
  return new Set(result.rows.map((row) => row.id))
}

/** The dictionary's row of an endpoint. */
export const endpointRow = (dataset: string, cluster: string, identity: EndpointIdentity): EndpointRow => ({
  id: endpointId(dataset, cluster, identity),
  dataset,
  cluster,
  class: identity.class,
  namespace: identity.namespace,
  name: identity.name,
})

/** The dictionary's row of an edge between two endpoints. */
export const edgeRow = (
  dataset: string,
  cluster: string,
  [clientId, serverId]: readonly [string, string],
  serverPort: number,
  protocol = 'tcp',
): EdgeRow => ({
  edgeId: edgeId(dataset, cluster, clientId, serverId, protocol, serverPort),
  dataset,
  clientId,
  serverId,
  flow: { cluster, protocol, serverPort },
})

function edgeOf(dataset: string, item: NamedSpan, other: EndpointIdentity): Omit<SpanEdge, 'isProvisional'> {
  const { cluster, clientId, server } = item
  const end = endpointRow(dataset, cluster, other)
  const ends = server.isSource ? ([end.id, clientId] as const) : ([clientId, end.id] as const)
  return { edge: edgeRow(dataset, cluster, ends, server.serverPort, server.protocol), ends: [end] }
}
