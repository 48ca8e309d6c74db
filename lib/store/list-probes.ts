import 'server-only'
import type { PlacedProbe } from '@/lib/model/canary'
import { query } from './client'

/** So many of the newest are looked at: of a probe that asks each minute, hours. */
const MOST = 1000

/** The newest probe of each place and basis, newest first, out of the last 1000 of a day. Index canary_probe (at). */
export async function listProbes(cluster: string | undefined): Promise<PlacedProbe[]> {
  const rows = await query<PlacedProbe>(
    `SELECT cluster, namespace, node, address, basis, (extract(epoch FROM at) * 1000)::float8 AS "atMs" FROM canary_probe
     WHERE at >= now() - interval '1 day' AND ($1::text IS NULL OR cluster = $1) ORDER BY at DESC LIMIT ${MOST}`,
    [cluster ?? null],
  )
  const newest = new Map<string, PlacedProbe>()
  for (const row of rows) {
    const place = [row.cluster, row.namespace, row.node, row.basis].join('\n')
    if (!newest.has(place)) newest.set(place, row)
  }
  return [...newest.values()]
}
