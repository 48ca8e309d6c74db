import 'server-only'
import type { Queryable } from './client'
import type { EvidenceRow } from './identified-batch'
import { byId } from './row-order'
import { storeJson } from './store-json'

const keyOf = (row: EvidenceRow): string => `${row.recordId}\n${row.ids.dataset}`

/** Inserts evidence rows and answers those that are new: a record that any body brought before is a duplicate. */
export async function saveEvidence(client: Queryable, evidence: readonly EvidenceRow[]): Promise<Set<EvidenceRow>> {
  if (evidence.length === 0) return new Set()
  // The first of equal records is the one that may be new.
  const rows = byId([...evidence].reverse(), keyOf)
  const result = await client.query<{ record_id: string; dataset: string }>(
    `INSERT INTO flow_record (dataset, record_id, edge_id, variant_id, source, start_at, end_at, flow)
     SELECT u.dataset, u.id, u.edge, u.variant, u.source, to_timestamp(u.start / 1000.0), to_timestamp(u.stop / 1000.0), u.flow::jsonb
     FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::float8[], $7::float8[], $8::text[])
       AS u(dataset, id, edge, variant, source, start, stop, flow)
     ON CONFLICT DO NOTHING RETURNING record_id, dataset`,
    [
      rows.map((row) => row.ids.dataset),
      rows.map((row) => row.recordId),
      rows.map((row) => row.ids.edgeId),
      rows.map((row) => row.ids.variantId),
      rows.map((row) => row.evidence.flow.source),
      rows.map((row) => row.evidence.flow.startMs),
      rows.map((row) => row.evidence.flow.endMs),
      rows.map((row) => storeJson(row.evidence.flow)),
    ],
  )
  if (result.rowCount === evidence.length) return new Set(evidence)
  const inserted = new Set(result.rows.map((row) => `${row.record_id}\n${row.dataset}`))
  return new Set(rows.filter((row) => inserted.has(keyOf(row))))
}
