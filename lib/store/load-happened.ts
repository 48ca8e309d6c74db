import 'server-only'
import type { DetectorId, FindingEventKind, Severity } from '@/lib/model/finding'
import type { CaseEventKind } from '@/lib/model/incident-case'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { query } from './client'

/** Something that happened to a finding or an incident, with its title as it is now. */
export type Happened = {
  readonly id: string
  readonly cluster: string
  readonly title: string
  readonly atMs: UnixMillis
} & (
  | {
      readonly what: 'finding'
      readonly kind: FindingEventKind
      readonly detector: DetectorId
      readonly severity: Severity
    }
  | { readonly what: 'incident'; readonly kind: CaseEventKind }
)

/** What is news of the cluster; the rest is what people said. */
const FINDING_NEWS: readonly FindingEventKind[] = ['opened', 'reopened', 'escalated', 'resolved', 'stale']
const CASE_NEWS: readonly CaseEventKind[] = ['opened', 'reopened', 'resolved']

/**
 * Findings and incidents that began, came back, grew worse or ended in `[fromMs, toMs)`, of one cluster or, with '', of all, the newest
 * `limit` of either in time order. Indexes: by time.
 */
export async function loadHappened(
  dataset: string,
  cluster: string,
  { fromMs, toMs }: TimeRange,
  limit: number,
): Promise<Happened[]> {
  const values = [dataset, cluster, fromMs, toMs]
  const [findings, incidents] = await Promise.all([
    query<Happened>(
      `SELECT 'finding' AS what, f.id::text, f.cluster, f.title, e.kind, f.detector, f.severity,
         (extract(epoch FROM e.at) * 1000)::float8 AS "atMs"
       FROM finding_event e JOIN finding f ON f.id = e.finding_id
       WHERE e.at >= to_timestamp($3::float8 / 1000) AND e.at < to_timestamp($4::float8 / 1000) AND e.dataset = $1
         AND ($2 = '' OR f.cluster = $2) AND e.kind = ANY($5::text[]) ORDER BY e.at DESC, e.position DESC, e.id LIMIT $6`,
      [...values, FINDING_NEWS, limit],
    ),
    query<Happened>(
      `SELECT 'incident' AS what, c.id::text, c.cluster, c.title, e.kind, (extract(epoch FROM e.at) * 1000)::float8 AS "atMs"
       FROM case_event e JOIN incident_case c ON c.id = e.case_id
       WHERE e.at >= to_timestamp($3::float8 / 1000) AND e.at < to_timestamp($4::float8 / 1000) AND e.dataset = $1
         AND ($2 = '' OR c.cluster = $2) AND e.kind = ANY($5::text[]) ORDER BY e.at DESC, e.position DESC, e.id LIMIT $6`,
      [...values, CASE_NEWS, limit],
    ),
  ])
  return [...findings, ...incidents].sort((a, b) => a.atMs - b.atMs)
}
