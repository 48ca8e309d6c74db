import 'server-only'
import { MINUTE_MS } from '@/lib/model/units'
import type { Queryable } from './client'
import { contentId } from './content-id'
import type { EvidenceRow } from './identified-batch'
import { ensurePartitions } from './partitions'
import { compareText } from './row-order'

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
  const entries = [...first]
    .map(([id, row]) => ({ id, row, dataset: row.ids.dataset, minuteMs: minuteOf(row) }))
    .sort((a, b) => a.minuteMs - b.minuteMs || compareText(a.id, b.id))
  await ensurePartitions(
    'denial_seen',
    new Set(entries.flatMap(({ dataset, minuteMs }) => (dataset === '' ? [minuteMs] : []))),
  )
  // Answers those that were there: mostly none.
  const result = await client.query<{ id: string }>({
    name: 'save-denials',
    text: `WITH given AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u(minute_at, id, dataset)),
     inserted AS (INSERT INTO denial_seen (minute_at, id, dataset) SELECT * FROM given ON CONFLICT DO NOTHING RETURNING id)
     SELECT id::text FROM given g WHERE NOT EXISTS (SELECT 1 FROM inserted i WHERE i.id = g.id)`,
    values: [
      entries.map(({ minuteMs }) => minuteMs),
      entries.map(({ id }) => id),
      entries.map(({ dataset }) => dataset),
    ],
  })
  const seen = new Set(result.rows.map((row) => row.id))
  for (const { id, row } of entries) if (seen.has(id)) repeats.add(row)
  return repeats
}

const minuteOf = (row: EvidenceRow): number => Math.floor(row.evidence.flow.startMs / MINUTE_MS) * MINUTE_MS
