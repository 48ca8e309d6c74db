import 'server-only'
import type { LearnedOwner } from '@/lib/model/prepared-batch'
import type { Queryable } from './client'
import { knownIds, mayRemember } from './known-ids'
import { byId } from './row-order'

type OwnerRow = LearnedOwner & { readonly dataset: string }

const keyOf = (row: OwnerRow): string => `owner\n${row.dataset}\n${row.cluster}\n${row.namespace}\n${row.pod}`
const rememberedAs = (row: OwnerRow): string => `${keyOf(row)}\n${row.workload}\n${row.workloadKind}`

/** Which workload each pod belongs to. Answers keys to remember after COMMIT. */
export async function savePodOwners(client: Queryable, owners: readonly OwnerRow[]): Promise<readonly string[]> {
  const known = knownIds()
  const newest = new Map(owners.map((row) => [keyOf(row), row]))
  const unknown = [...newest.values()].filter((row) => !known.has(rememberedAs(row)))
  const rows = byId(unknown, keyOf)
  if (rows.length === 0) return []
  await client.query(
    `INSERT INTO pod_owner (dataset, cluster, namespace, pod, workload, workload_kind)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
     ON CONFLICT (dataset, cluster, namespace, pod) DO UPDATE SET
       workload = EXCLUDED.workload, workload_kind = EXCLUDED.workload_kind, seen_at = now()`,
    [
      rows.map((row) => row.dataset),
      rows.map((row) => row.cluster),
      rows.map((row) => row.namespace),
      rows.map((row) => row.pod),
      rows.map((row) => row.workload),
      rows.map((row) => row.workloadKind),
    ],
  )
  return rows.filter((row) => mayRemember(row.dataset)).map(rememberedAs)
}
