import 'server-only'
import { randomUUID } from 'node:crypto'
import { POSTERN_ACTOR } from '@/lib/model/audit'
import {
  type Finding,
  type FindingChange,
  type FindingEvent,
  type FindingUpdate,
  SEVERITIES,
  type TrackedFinding,
} from '@/lib/model/finding'
import type { UnixMillis } from '@/lib/model/units'
import type { Queryable } from './client'
import { storeJson } from './store-json'

/**
 * Applies what was planned over `findings`, at a moment, under the lock of changes. Answers what happened, with each finding as it is
 * now; growing alone is no event.
 */
export async function saveFindingChanges(
  client: Queryable,
  changes: readonly FindingChange[],
  findings: readonly TrackedFinding[],
  nowMs: UnixMillis,
): Promise<FindingEvent[]> {
  const known = new Map<string, Finding>(findings.map(({ tally: _tally, ...finding }) => [finding.id, finding]))
  const events: FindingEvent[] = []
  const happened = (
    kind: FindingEvent['kind'],
    finding: Finding,
    detail: FindingEvent['detail'] = {},
    atMs = nowMs,
  ): void => {
    known.set(finding.id, finding)
    events.push({ kind, atMs, actor: POSTERN_ACTOR, finding, detail })
  }
  const opened: Opened[] = []
  const grown: Grown[] = []
  const ended: { id: string; status: 'resolved' | 'stale'; resolved: number | null }[] = []
  const expired: string[] = []
  for (const change of changes) {
    if (change.kind === 'open') {
      const { tally, ...finding } = change.finding
      const id = randomUUID()
      opened.push({ id, replaces: change.replaces, tally, finding: { ...finding, id } })
      happened('opened', { ...finding, id }, change.replaces === undefined ? {} : { after: change.replaces })
      continue
    }
    const before = known.get(change.findingId)
    if (!before) continue
    switch (change.kind) {
      case 'update':
      case 'reopen': {
        const { tally: _tally, ...set } = change.set
        const isReopened = change.kind === 'reopen'
        grown.push({ id: before.id, isReopened, set: change.set })
        if (isReopened) {
          const { resolvedMs: _resolved, acknowledged: _seen, ...rest } = before
          happened('reopened', { ...rest, ...set, status: 'open' }, { from: before.status })
          break
        }
        const after = { ...before, ...set }
        known.set(before.id, after)
        if (SEVERITIES.indexOf(set.severity) < SEVERITIES.indexOf(before.severity))
          happened('escalated', after, { from: before.severity, to: set.severity })
        break
      }
      case 'resolve':
        ended.push({ id: before.id, status: 'resolved', resolved: change.resolvedMs })
        happened(
          'resolved',
          { ...before, status: 'resolved', resolvedMs: change.resolvedMs },
          { because: change.because },
          change.resolvedMs,
        )
        break
      case 'stale':
        ended.push({ id: before.id, status: 'stale', resolved: null })
        happened('stale', { ...before, status: 'stale' })
        break
      case 'expire-acceptance': {
        expired.push(before.id)
        const { accepted, ...rest } = before
        happened('acceptance-expired', rest, { reason: accepted?.reason, by: accepted?.by })
      }
    }
  }
  if (expired.length > 0) await endAcceptances(client, expired)
  if (grown.length > 0) await saveGrown(client, grown)
  if (ended.length > 0) await saveEnded(client, ended)
  if (opened.length > 0) await saveOpened(client, opened)
  return events
}

interface Opened {
  readonly id: string
  readonly replaces: string | undefined
  readonly tally: TrackedFinding['tally']
  readonly finding: Finding
}

interface Grown {
  readonly id: string
  readonly isReopened: boolean
  readonly set: FindingUpdate
}

async function saveOpened(client: Queryable, opened: readonly Opened[]): Promise<void> {
  const replaced = opened.flatMap(({ replaces }) => (replaces === undefined ? [] : [replaces]))
  if (replaced.length > 0)
    await client.query('UPDATE finding SET is_current = false WHERE id = ANY($1::uuid[])', [replaced])
  await client.query(
    `INSERT INTO finding (id, detector, dataset, cluster, edge_ids, is_current, status, severity, certainty, title, facts, disproof, cause, workload,
       target, count, first_seen, last_seen, opened_at, tally, assignee, accepted_at, accepted_by, accepted_reason, accepted_until)
     SELECT u.id, u.detector, u.dataset, u.cluster, u.edges::bigint[], true, u.status, u.severity, u.certainty, u.title, u.facts, u.disproof, u.cause,
       u.workload, u.target, u.count, to_timestamp(u.first / 1000), to_timestamp(u.last / 1000), to_timestamp(u.opened / 1000), u.tally, u.assignee,
       to_timestamp(u.accepted / 1000), u.accepted_by, u.accepted_reason, to_timestamp(u.accepted_until / 1000)
     FROM jsonb_to_recordset($1::jsonb) AS u(id uuid, detector text, dataset text, cluster text, edges text[], status text, severity text,
       certainty text, title text, facts jsonb, disproof text, cause text, workload text, target text, count float8, first float8, last float8,
       opened float8, tally jsonb, assignee text, accepted float8, accepted_by text, accepted_reason text, accepted_until float8)`,
    [
      storeJson(
        opened.map(({ finding, tally }) => ({
          ...rowOf(finding, tally),
          detector: finding.detector,
          dataset: finding.dataset,
          cluster: finding.cluster,
          status: finding.status,
          workload: finding.workload,
          target: finding.target,
          opened: finding.openedMs,
          assignee: finding.assignee,
          accepted: finding.accepted?.atMs,
          accepted_by: finding.accepted?.by,
          accepted_reason: finding.accepted?.reason,
          accepted_until: finding.accepted?.untilMs,
          id: finding.id,
        })),
      ),
    ],
  )
}

async function saveGrown(client: Queryable, grown: readonly Grown[]): Promise<void> {
  await client.query(
    `UPDATE finding f SET severity = u.severity, certainty = u.certainty, title = u.title, facts = u.facts, disproof = u.disproof, cause = u.cause,
       edge_ids = u.edges::bigint[], count = u.count, first_seen = to_timestamp(u.first / 1000), last_seen = to_timestamp(u.last / 1000), tally = u.tally,
       status = CASE WHEN u.reopened THEN 'open' ELSE f.status END, resolved_at = CASE WHEN u.reopened THEN NULL ELSE f.resolved_at END,
       acknowledged_at = CASE WHEN u.reopened THEN NULL ELSE f.acknowledged_at END,
       acknowledged_by = CASE WHEN u.reopened THEN NULL ELSE f.acknowledged_by END
     FROM jsonb_to_recordset($1::jsonb) AS u(id uuid, severity text, certainty text, title text, facts jsonb, disproof text, cause text, edges text[],
       count float8, first float8, last float8, tally jsonb, reopened bool) WHERE f.id = u.id`,
    [storeJson(grown.map(({ id, isReopened, set }) => ({ ...rowOf(set, set.tally), id, reopened: isReopened })))],
  )
}

const rowOf = (set: Omit<FindingUpdate, 'tally'>, tally: FindingUpdate['tally']) => ({
  severity: set.severity,
  certainty: set.certainty,
  title: set.title,
  facts: set.facts,
  disproof: set.disproof,
  cause: set.cause,
  edges: set.edgeIds,
  count: Math.round(set.count),
  first: set.firstSeenMs,
  last: set.lastSeenMs,
  tally,
})

async function saveEnded(
  client: Queryable,
  ended: readonly { readonly id: string; readonly status: string; readonly resolved: number | null }[],
): Promise<void> {
  await client.query(
    `UPDATE finding f SET status = u.status, resolved_at = to_timestamp(u.resolved / 1000)
     FROM jsonb_to_recordset($1::jsonb) AS u(id uuid, status text, resolved float8) WHERE f.id = u.id`,
    [JSON.stringify(ended)],
  )
}

/** The risk of these findings is accepted no more. */
export async function endAcceptances(client: Queryable, ids: readonly string[]): Promise<void> {
  await client.query(
    `UPDATE finding SET accepted_at = NULL, accepted_by = NULL, accepted_reason = NULL, accepted_until = NULL WHERE id = ANY($1::uuid[])`,
    [ids],
  )
}
