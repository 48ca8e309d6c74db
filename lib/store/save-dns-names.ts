import 'server-only'
import type { Queryable } from './client'
import type { FlowIds } from './flow-rows'

/** A name stays valid for its TTL, and at least this long: a client keeps connections and caches beyond the TTL. */
const MIN_VALID_MS = 5 * 60_000

/** Keeps which name each address had, for which client, so that flows without names can be named when they are read. */
export async function saveDnsNames(client: Queryable, rows: readonly FlowIds[], dataset: string): Promise<void> {
  const names = new Map<string, readonly [string, string, string, string, string, number, number]>()
  for (const { flow } of rows) {
    if (!flow.dnsAnswer) continue
    const untilMs = flow.startMs + Math.max(MIN_VALID_MS, (flow.dnsAnswer.ttlS ?? 0) * 1000)
    for (const ip of flow.dnsAnswer.ips) {
      const key = JSON.stringify([flow.cluster, ip, flow.dnsAnswer.name, flow.client.namespace, flow.client.pod ?? ''])
      const from = Math.min(names.get(key)?.[5] ?? flow.startMs, flow.startMs)
      names.set(key, [
        flow.cluster,
        ip,
        flow.dnsAnswer.name,
        flow.client.namespace,
        flow.client.pod ?? '',
        from,
        untilMs,
      ])
    }
  }
  if (names.size === 0) return
  const sorted = [...names.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  await client.query(
    `INSERT INTO dns_name AS d (dataset, cluster, ip, name, client_namespace, client_pod, valid_from, valid_to)
     SELECT $1, u.cluster, u.ip, u.name, u.ns, u.pod, to_timestamp(u.f / 1000.0), to_timestamp(u.t / 1000.0)
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[]) AS u(cluster, ip, name, ns, pod, f, t)
     ON CONFLICT (dataset, cluster, ip, name, client_namespace, client_pod) DO UPDATE SET
       valid_from = least(d.valid_from, EXCLUDED.valid_from), valid_to = greatest(d.valid_to, EXCLUDED.valid_to)`,
    [dataset, ...[0, 1, 2, 3, 4, 5, 6].map((column) => sorted.map((row) => row[column]))],
  )
}
