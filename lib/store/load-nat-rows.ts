import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import { HOUR_MS } from '@/lib/model/units'
import { query } from './client'

/** Around a connection's life, where evidence of it began, generously (nat-candidates.ts, join-audit-records.ts). */
const EVIDENCE_BEFORE_MS = 25 * HOUR_MS
const EVIDENCE_AFTER_MS = HOUR_MS

/** A NAT or audit record as it came. */
export interface NatRow {
  readonly id: string
  readonly source: string
  readonly hop: string
  readonly atMs: number
  readonly raw: string
}

/** NAT rows by their ids, of connections that lived in `lives`, oldest first. Those that retention dropped are left out. */
export const loadNatRows = (dataset: string, ids: readonly string[], lives: TimeRange): Promise<NatRow[]> =>
  query<NatRow>(
    `SELECT record_id::text AS id, source, hop, (extract(epoch FROM at) * 1000)::float8 AS "atMs", raw FROM nat_record
     WHERE record_id = ANY($1::uuid[]) AND dataset = $2 AND at BETWEEN to_timestamp($3::float8 / 1000) AND to_timestamp($4::float8 / 1000) ORDER BY at`,
    [[...new Set(ids)], dataset, lives.fromMs - EVIDENCE_BEFORE_MS, lives.toMs + EVIDENCE_AFTER_MS],
  )
