import 'server-only'
import type { Queryable } from './client'
import type { EvidenceRow } from './identified-batch'
import { byId } from './row-order'
import { familyColumn, type StoredEvidence } from './settle-siblings'
import { storeJson } from './store-json'

const keyOf = (row: EvidenceRow): string => `${row.recordId}\n${row.ids.dataset}`

/** Inserts evidence rows and answers those that are new: a record that any body brought before is a duplicate. */
export async function saveEvidence(client: Queryable, evidence: readonly EvidenceRow[]): Promise<Set<EvidenceRow>> {
  if (evidence.length === 0) return new Set()
  // The first of equal records is the one that may be new.
  const rows = byId([...evidence].reverse(), keyOf)
  const result = await client.query<{ record_id: string; dataset: string }>(
    `INSERT INTO flow_record (dataset, record_id, edge_id, variant_id, source, start_at, end_at, flow, family)
     SELECT u.dataset, u.id, u.edge, u.variant, u.source, to_timestamp(u.start / 1000.0), to_timestamp(u.stop / 1000.0), u.flow::jsonb, u.family
     FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::float8[], $7::float8[], $8::text[], $9::bigint[])
       AS u(dataset, id, edge, variant, source, start, stop, flow, family)
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
      rows.map((row) => familyColumn(row.ids.dataset, row.evidence.flow)),
    ],
  )
  if (result.rowCount === evidence.length) return new Set(evidence)
  const inserted = new Set(result.rows.map((row) => `${row.record_id}\n${row.dataset}`))
  return new Set(rows.filter((row) => inserted.has(keyOf(row))))
}

/**
 * Replaces stored evidence rows. The caller holds the lock of their families, so nobody else changes them; a flow keeps its
 * start.
 */
export async function changeEvidence(client: Queryable, rows: readonly StoredEvidence[]): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `UPDATE flow_record r SET edge_id = u.edge, variant_id = u.variant, end_at = to_timestamp(u.stop / 1000.0), flow = u.flow::jsonb, family = u.family
     FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::float8[], $6::text[], $7::bigint[])
       AS u(dataset, id, edge, variant, stop, flow, family)
     WHERE r.dataset = u.dataset AND r.record_id = u.id`,
    [
      rows.map((row) => row.ids.dataset),
      rows.map((row) => row.recordId),
      rows.map((row) => row.ids.edgeId),
      rows.map((row) => row.ids.variantId),
      rows.map((row) => row.evidence.flow.endMs),
      rows.map((row) => storeJson(row.evidence.flow)),
      rows.map((row) => familyColumn(row.ids.dataset, row.evidence.flow)),
    ],
  )
}
