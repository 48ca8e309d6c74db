import 'server-only'
import type { LearnedName } from '@/lib/model/prepared-batch'
import type { Queryable } from './client'
import { compareText } from './row-order'

type NameRow = LearnedName & { readonly dataset: string }

/** How a name was learned: an answer gave the address, or the client asked for this name alone before it connected. */
export type NameOrigin = 'answer' | 'question'

/** Keeps which name each address had, for which client and when, so that flows without names are named when they are read. */
export async function saveDnsNames(
  client: Queryable,
  names: readonly NameRow[],
  origin: NameOrigin = 'answer',
): Promise<void> {
  if (names.length === 0) return
  const merged = new Map<string, NameRow>()
  for (const row of names) {
    const key = [row.dataset, row.cluster, row.ip, row.name, row.client.namespace, row.clientPod].join('\n')
    const other = merged.get(key) ?? row
    merged.set(key, { ...row, fromMs: Math.min(other.fromMs, row.fromMs), toMs: Math.max(other.toMs, row.toMs) })
  }
  const rows = [...merged].sort(([a], [b]) => compareText(a, b)).map(([, row]) => row)
  await client.query(
    `INSERT INTO dns_name AS d (dataset, cluster, ip, name, client_namespace, client_pod, valid_from, valid_to, origin)
     SELECT u.dataset, u.cluster, u.ip, u.name, u.ns, u.pod, to_timestamp(u.f / 1000.0), to_timestamp(u.t / 1000.0), $9
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[])
       AS u(dataset, cluster, ip, name, ns, pod, f, t)
     ON CONFLICT (dataset, cluster, ip, name, client_namespace, client_pod, origin) DO UPDATE SET
       valid_from = least(d.valid_from, EXCLUDED.valid_from), valid_to = greatest(d.valid_to, EXCLUDED.valid_to)`,
    [
      rows.map((row) => row.dataset),
      rows.map((row) => row.cluster),
      rows.map((row) => row.ip),
      rows.map((row) => row.name),
      rows.map((row) => row.client.namespace),
      rows.map((row) => row.clientPod),
      rows.map((row) => row.fromMs),
      rows.map((row) => row.toMs),
      origin,
    ],
  )
}
