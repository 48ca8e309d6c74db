import 'server-only'
import type { Queryable } from './client'
import type { FlowIds } from './flow-ids'
import { knownIds, mayRemember } from './known-ids'
import { byId } from './row-order'
import { storeJson, storeText } from './store-json'

/**
 * Endpoints, edges, traces and variants that the database may lack, each table in id order, so that writers that insert
 * the same ids wait for each other and never deadlock. Answers the ids, to be remembered after COMMIT.
 */
export async function saveDictionaries(client: Queryable, variants: readonly FlowIds[]): Promise<readonly string[]> {
  const known = knownIds()
  const unknown = variants.filter((row) => !known.has(row.variantId))
  const missing = byId(unknown, (row) => row.variantId)
  if (missing.length === 0) return []
  await saveEndpoints(client, missing.flatMap(endsOf))
  await saveEdges(client, missing)
  await saveTraces(client, missing)
  await saveVariants(client, missing)
  return missing.flatMap((row) => (mayRemember(row.dataset) ? [row.variantId] : []))
}

export interface EndpointRow {
  readonly id: string
  readonly dataset: string
  readonly cluster: string
  readonly class: string
  readonly namespace: string
  readonly name: string
}

const endsOf = ({ dataset, clientId, serverId, flow }: FlowIds): EndpointRow[] => [
  { id: clientId, dataset, cluster: flow.cluster, ...identity(flow.client) },
  { id: serverId, dataset, cluster: flow.cluster, ...identity(flow.server) },
]
const identity = (peer: FlowIds['flow']['client']) => ({
  class: peer.class,
  namespace: peer.namespace,
  name: peer.name,
})

export async function saveEndpoints(client: Queryable, ends: readonly EndpointRow[]): Promise<void> {
  const rows = byId(ends, (row) => row.id)
  await client.query(
    `INSERT INTO endpoint (id, dataset, cluster, class, namespace, name)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) ON CONFLICT DO NOTHING`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.dataset),
      rows.map((row) => row.cluster),
      rows.map((row) => row.class),
      rows.map((row) => row.namespace),
      rows.map((row) => row.name),
    ],
  )
}

export interface EdgeRow {
  readonly edgeId: string
  readonly dataset: string
  readonly clientId: string
  readonly serverId: string
  readonly flow: { readonly cluster: string; readonly protocol: string; readonly serverPort: number }
}

export async function saveEdges(client: Queryable, edges: readonly EdgeRow[]): Promise<void> {
  const rows = byId(edges, (row) => row.edgeId)
  await client.query(
    `INSERT INTO edge (id, dataset, cluster, client_id, server_id, protocol, server_port)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::int[])
     ON CONFLICT DO NOTHING`,
    [
      rows.map((row) => row.edgeId),
      rows.map((row) => row.dataset),
      rows.map((row) => row.flow.cluster),
      rows.map((row) => row.clientId),
      rows.map((row) => row.serverId),
      rows.map((row) => row.flow.protocol),
      rows.map((row) => row.flow.serverPort),
    ],
  )
}

async function saveTraces(client: Queryable, variants: readonly FlowIds[]): Promise<void> {
  const rows = byId(variants, (row) => row.traceId)
  await client.query(
    `INSERT INTO policy_trace (id, enforced, pending)
     SELECT u.id, u.enforced::jsonb, u.pending::jsonb FROM unnest($1::bigint[], $2::text[], $3::text[]) AS u(id, enforced, pending)
     ON CONFLICT DO NOTHING`,
    [
      rows.map((row) => row.traceId),
      rows.map((row) => jsonOrNull(row.flow.trace.enforced)),
      rows.map((row) => jsonOrNull(row.flow.trace.pending)),
    ],
  )
}

const jsonOrNull = (value: unknown): string | null => (value === undefined ? null : storeJson(value))

async function saveVariants(client: Queryable, rows: readonly FlowIds[]): Promise<void> {
  const verdicts = rows.map((row) => row.flow.verdict)
  await client.query(
    `INSERT INTO edge_variant (id, edge_id, source, observer, outcome, basis, pending, layer, drop_reason, trace_id, repeats)
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::bool[])
     ON CONFLICT DO NOTHING`,
    [
      rows.map((row) => row.variantId),
      rows.map((row) => row.edgeId),
      rows.map((row) => row.flow.source),
      rows.map((row) => row.flow.observer),
      verdicts.map((verdict) => verdict.outcome),
      verdicts.map((verdict) => verdict.basis),
      verdicts.map((verdict) => verdict.pending),
      verdicts.map((verdict) => verdict.layer),
      verdicts.map((verdict) => storeText(verdict.dropReason ?? '').slice(0, 64)),
      rows.map((row) => row.traceId),
      rows.map((row) => row.flow.repeatsSiblingCounts ?? false),
    ],
  )
}
