import 'server-only'
import { CLOCK_SKEW_MS } from '@/lib/egress/grade-observation'
import type { CanaryProbe } from '@/lib/model/canary'
import { withTransaction } from './client'
import { LONGEST_LIFE_MS } from './connection-key'
import { lockConnections } from './lock-connections'
import { notifyGraph } from './notify-graph'

/** Where a probe ran, by the token it came on. */
export interface ProbePlace {
  readonly cluster: string
  readonly namespace: string
  readonly tokenId: string
}

/**
 * Stores what one probe showed, and has the connections of its namespace that were alive then, and that nothing proves, judged
 * again. Index egress_connection (edge id, last at), edge by edge, in the partitions of a day.
 */
export async function saveProbes(place: ProbePlace, probes: readonly CanaryProbe[]): Promise<void> {
  const { cluster, namespace, tokenId } = place
  const atMs = probes.reduce((least, probe) => Math.min(least, probe.atMs), Number.MAX_SAFE_INTEGER)
  if (probes.length === 0) return
  await withTransaction(async (client) => {
    await client.query(
      `INSERT INTO canary_probe (cluster, namespace, node, address, basis, token_id, at)
       SELECT $1, $2, u.node, u.address, u.basis, $3, to_timestamp(u.at / 1000.0)
       FROM unnest($4::text[], $5::text[], $6::text[], $7::float8[]) AS u(node, address, basis, at)`,
      [
        cluster,
        namespace,
        tokenId,
        probes.map((probe) => probe.node),
        probes.map((probe) => probe.address),
        probes.map((probe) => probe.basis),
        probes.map((probe) => probe.atMs),
      ],
    )
    const scope = { dataset: '', cluster }
    await lockConnections(client, [scope])
    const marked = await client.query(
      `UPDATE egress_connection c SET dirty = true FROM endpoint p JOIN edge e ON e.client_id = p.id
       WHERE p.dataset = '' AND p.cluster = $1 AND p.class = 'workload' AND p.namespace = $2 AND c.edge_id = e.id AND c.dataset = ''
         AND NOT c.dirty AND c.state = 'unverified' AND c.last_at >= to_timestamp($3::float8 / 1000) AND c.first_at >= to_timestamp($4::float8 / 1000)`,
      [cluster, namespace, atMs - CLOCK_SKEW_MS, atMs - LONGEST_LIFE_MS],
    )
    if ((marked.rowCount ?? 0) > 0) await notifyGraph(client, [{ ...scope, egress: true }])
  })
}
