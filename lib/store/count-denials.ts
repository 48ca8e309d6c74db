import 'server-only'
import type { Queryable } from './client'
import { contentId } from './content-id'
import type { EvidenceRow } from './identified-batch'
import { byId } from './row-order'

/** A denied connection is retried with the same tuple: it counts once a minute. Answers the rows that are repeats. */
export async function findRepeatedDenials(
  client: Queryable,
  fresh: readonly EvidenceRow[],
): Promise<ReadonlySet<EvidenceRow>> {
  const repeats = new Set<EvidenceRow>()
  const first = new Map<string, EvidenceRow>()
  for (const row of fresh) {
    const { denialKey } = row.evidence
    if (denialKey === undefined) continue
    const id = contentId('denial', row.ids.dataset, denialKey)
    if (first.has(id)) repeats.add(row)
    else first.set(id, row)
  }
  if (first.size === 0) return repeats
  const entries = byId([...first], ([id]) => id)
  const result = await client.query<{ id: string }>(
    `INSERT INTO denial_seen (id, dataset, at) SELECT u.id, u.dataset, to_timestamp(u.at / 1000.0)
     FROM unnest($1::bigint[], $2::text[], $3::float8[]) AS u(id, dataset, at)
     ON CONFLICT DO NOTHING RETURNING id::text`,
    [
      entries.map(([id]) => id),
      entries.map(([, row]) => row.ids.dataset),
      entries.map(([, row]) => row.evidence.flow.startMs),
    ],
  )
  const isNew = new Set(result.rows.map((row) => row.id))
  for (const [id, row] of entries) if (!isNew.has(id)) repeats.add(row)
  return repeats
}
