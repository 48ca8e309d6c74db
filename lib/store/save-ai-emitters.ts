import 'server-only'
import type { Peer } from '@/lib/model/endpoint'
import type { Queryable } from './client'
import { byId } from './row-order'

/** Workloads that emit AI spans are AI workloads: role `app`, unless a better role is known. */
export async function saveAiEmitters(
  client: Queryable,
  emitters: readonly { readonly id: string; readonly peer: Peer }[],
): Promise<void> {
  if (emitters.length === 0) return
  const rows = byId(emitters, (row) => row.id)
  await client.query(
    `INSERT INTO endpoint_fact AS f (endpoint_id, workload_kind, ai_role, ai_role_by)
     SELECT u.id, u.kind, 'app', 'span' FROM unnest($1::bigint[], $2::text[]) AS u(id, kind)
     ON CONFLICT (endpoint_id) DO UPDATE SET ai_role = 'app', ai_role_by = 'span',
       workload_kind = coalesce(f.workload_kind, EXCLUDED.workload_kind), updated_at = now() WHERE f.ai_role IS NULL`,
    [rows.map((row) => row.id), rows.map((row) => row.peer.workloadKind ?? null)],
  )
}
