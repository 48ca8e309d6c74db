import 'server-only'
import {
  AUDIT_KEPT_MS,
  RETENTION_SLACK_MS,
  type Retention,
  recordHorizonMs,
  SHORT_LINK_KEPT_MS,
} from '@/lib/model/retention'
import { DAY_MS, type Millis, type UnixMillis } from '@/lib/model/units'
import { query } from './client'

const AT_ONCE = 5000
const TOLD_KEPT_MS: Millis = 30 * DAY_MS

/** Small tables that no partition is worth: their old rows are deleted, few at a time. */
const SMALL: readonly {
  readonly table: string
  readonly keepMs: (retention: Retention) => Millis
  /** True for rows that may go; `$1` is the time before which they are old. */
  readonly isOld: string
}[] = [
  // A body counts once for as long as its records are taken; a pinned dataset takes them for good.
  {
    table: 'ingest_batch',
    keepMs: (retention) => recordHorizonMs(retention) + RETENTION_SLACK_MS,
    isOld: `received_at < $1 AND dataset = ''`,
  },
  // What says whether a source was there: as long as there is anything to say it of.
  { table: 'source_minute', keepMs: (retention) => retention.buckets1h, isOld: `minute < $1 AND dataset = ''` },
  { table: 'source_reject', keepMs: (retention) => retention.buckets1h, isOld: `minute < $1 AND dataset = ''` },
  { table: 'gap', keepMs: (retention) => retention.buckets1h, isOld: `at < $1 AND dataset = ''` },
  // What was forgotten is new when it comes again: kept as long as anything of it.
  { table: 'edge_first_seen', keepMs: (retention) => retention.buckets1h, isOld: 'last_at < $1' },
  // What was told of findings that ended long ago, or are gone.
  {
    table: 'notification_told',
    keepMs: () => TOLD_KEPT_MS,
    isOld: `changed_at < $1 AND (NOT is_firing OR NOT EXISTS (SELECT FROM finding f WHERE f.id = finding_id))`,
  },
  { table: 'audit_entry', keepMs: (retention) => retention.audit ?? AUDIT_KEPT_MS, isOld: 'at < $1' },
  { table: 'short_link', keepMs: () => SHORT_LINK_KEPT_MS, isOld: 'last_used_at < $1' },
  // What ended, and nothing goes on from: the current finding of a key stays, since it counts on.
  {
    table: 'finding',
    keepMs: (retention) => retention.buckets1h,
    isOld: `resolved_at < $1 AND NOT is_current AND dataset = ''`,
  },
  { table: 'incident_case', keepMs: (retention) => retention.buckets1h, isOld: `resolved_at < $1 AND dataset = ''` },
  { table: 'finding_event', keepMs: (retention) => retention.buckets1h, isOld: `at < $1 AND dataset = ''` },
  { table: 'case_event', keepMs: (retention) => retention.buckets1h, isOld: `at < $1 AND dataset = ''` },
  { table: 'dns_name', keepMs: (retention) => retention.evidence, isOld: `valid_to < $1 AND dataset = ''` },
  { table: 'canary_probe', keepMs: (retention) => retention.evidence, isOld: 'at < $1' },
]

/**
 * Deletes live rows of small tables that are past retention, each batch in a statement of its own, so that nobody waits
 * for it. Answers how many went. May be repeated and killed.
 */
export async function deleteOldRows(retention: Retention, nowMs: UnixMillis): Promise<number> {
  let deleted = 0
  for (const { table, keepMs, isOld } of SMALL)
    for (;;) {
      const [row] = await query<{ count: number }>(
        `WITH gone AS (DELETE FROM ${table} WHERE ctid IN (
           SELECT ctid FROM ${table} WHERE ${isOld} LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED) RETURNING 1)
         SELECT count(*)::int AS count FROM gone`,
        [new Date(nowMs - keepMs(retention))],
      )
      const count = row?.count ?? 0
      deleted += count
      if (count < AT_ONCE) break
    }
  return deleted
}
