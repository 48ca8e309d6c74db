import 'server-only'
import type { Queryable } from './client'
import type { FlowIds } from './flow-rows'

const unique = <T>(items: readonly T[], key: (item: T) => string): T[] =>
  [...new Map(items.map((item) => [key(item), item])).values()].sort((a, b) => (key(a) < key(b) ? -1 : 1))

/** Endpoints, edges, traces and variants that the database lacks; and what was newly learned about workloads. */
export async function saveDictionaries(client: Queryable, rows: readonly FlowIds[], dataset: string): Promise<void> {
  await saveEndpoints(client, rows, dataset)
  const edges = unique(rows, (row) => row.edgeId)
  await client.query(
    `INSERT INTO edge (id, dataset, cluster, client_id, server_id, protocol, server_port)
     SELECT u.id, $1, u.cluster, u.client, u.server, u.protocol, u.port
     FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::int[]) AS u(id, cluster, client, server, protocol, port)
     ON CONFLICT DO NOTHING`,
    [
      dataset,
      edges.map((r) => r.edgeId),
      edges.map((r) => r.flow.cluster),
      edges.map((r) => r.clientId),
      edges.map((r) => r.serverId),
      edges.map((r) => r.flow.protocol),
      edges.map((r) => r.flow.serverPort),
    ],
  )
  const traces = unique(rows, (row) => row.traceId)
  await client.query(
    `INSERT INTO policy_trace (id, enforced, pending)
     SELECT u.id, u.enforced::jsonb, u.pending::jsonb FROM unnest($1::bigint[], $2::text[], $3::text[]) AS u(id, enforced, pending)
     ON CONFLICT DO NOTHING`,
    [
      traces.map((r) => r.traceId),
      traces.map((r) => jsonOrNull(r.flow.trace.enforced)),
      traces.map((r) => jsonOrNull(r.flow.trace.pending)),
    ],
  )
  await saveVariants(client, rows)
}

async function saveVariants(client: Queryable, rows: readonly FlowIds[]): Promise<void> {
  const variants = unique(rows, (row) => row.variantId)
  const verdicts = variants.map((row) => row.flow.verdict)
  await client.query(
    `INSERT INTO edge_variant (id, edge_id, source, observer, outcome, basis, pending, layer, drop_reason, trace_id, repeats)
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::bool[])
     ON CONFLICT DO NOTHING`,
    [
      variants.map((r) => r.variantId),
      variants.map((r) => r.edgeId),
      variants.map((r) => r.flow.source),
      variants.map((r) => r.flow.observer),
      verdicts.map((v) => v.outcome),
      verdicts.map((v) => v.basis),
      verdicts.map((v) => v.pending),
      verdicts.map((v) => v.layer),
      verdicts.map((v) => v.dropReason ?? ''),
      variants.map((r) => r.traceId),
      variants.map((r) => r.flow.repeatsSiblingCounts ?? false),
    ],
  )
}

async function saveEndpoints(client: Queryable, rows: readonly FlowIds[], dataset: string): Promise<void> {
  const ends = unique(
    rows.flatMap((row) => [
      { id: row.clientId, cluster: row.flow.cluster, peer: row.flow.client },
      { id: row.serverId, cluster: row.flow.cluster, peer: row.flow.server },
    ]),
    (end) => end.id,
  )
  await client.query(
    `INSERT INTO endpoint (id, dataset, cluster, class, namespace, name)
     SELECT u.id, $1, u.cluster, u.class, u.namespace, u.name
     FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) AS u(id, cluster, class, namespace, name)
     ON CONFLICT DO NOTHING`,
    [
      dataset,
      ends.map((e) => e.id),
      ends.map((e) => e.cluster),
      ends.map((e) => e.peer.class),
      ends.map((e) => e.peer.namespace),
      ends.map((e) => e.peer.name),
    ],
  )
  const known = ends.filter((end) => end.peer.labels ?? end.peer.workloadKind ?? end.peer.serviceAccount)
  await client.query(
    `INSERT INTO endpoint_fact (endpoint_id, workload_kind, service_account, labels)
     SELECT u.id, u.kind, u.account, u.labels::jsonb FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS u(id, kind, account, labels)
     ON CONFLICT (endpoint_id) DO UPDATE SET
       workload_kind = coalesce(EXCLUDED.workload_kind, endpoint_fact.workload_kind),
       service_account = coalesce(EXCLUDED.service_account, endpoint_fact.service_account),
       labels = EXCLUDED.labels, updated_at = now()
     WHERE (endpoint_fact.labels, endpoint_fact.workload_kind) IS DISTINCT FROM (EXCLUDED.labels, coalesce(EXCLUDED.workload_kind, endpoint_fact.workload_kind))`,
    [
      known.map((e) => e.id),
      known.map((e) => e.peer.workloadKind ?? null),
      known.map((e) => e.peer.serviceAccount ?? null),
      known.map((e) => JSON.stringify(e.peer.labels ?? {})),
    ],
  )
}

const jsonOrNull = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
