import 'server-only'
import { randomUUID } from 'node:crypto'
import { POSTERN_ACTOR } from '@/lib/model/audit'
import type { FindingEvent } from '@/lib/model/finding'
import type { CaseChange, CaseEvent, CasePlanInput, IncidentCase } from '@/lib/model/incident-case'
import type { UnixMillis } from '@/lib/model/units'
import { appendCaseEvents, loadLiveCases } from './cases'
import type { Queryable } from './client'
import { loadCaseFindings } from './load-findings'

/** How incidents are planned (lib/findings/plan-cases.ts), and for how long after they were resolved they may be opened again. */
export interface CasePlanner {
  plan(input: CasePlanInput): readonly CaseChange[]
  readonly reopenWindowMs: number
}

/** Events that make news of a finding for its incident. */
const NEWS: ReadonlySet<FindingEvent['kind']> = new Set([
  'opened',
  'reopened',
  'escalated',
  'acceptance-expired',
  'acceptance-ended',
])

/**
 * Brings incidents in line with findings as they are now, under the lock of changes and in the transaction in which findings changed.
 * Answers the events with each finding in the incident that it has by now.
 */
export async function syncCases(
  client: Queryable,
  planner: CasePlanner,
  events: readonly FindingEvent[],
  nowMs: UnixMillis,
): Promise<FindingEvent[]> {
  const cases = await loadLiveCases(client, nowMs - planner.reopenWindowMs)
  const news = new Set(events.filter(({ kind }) => NEWS.has(kind)).map(({ finding }) => finding.id))
  const findings = await loadCaseFindings(
    client,
    cases.map(({ id }) => id),
    [...news],
  )
  const changes = planner.plan({ cases, findings, news, nowMs })
  const homes = await applyCaseChanges(client, changes, cases, nowMs)
  return events.map((event) => {
    const caseId = homes.get(event.finding.id)
    return caseId === undefined ? event : { ...event, finding: { ...event.finding, caseId } }
  })
}

/** Answers the incident of each finding that came into one. */
async function applyCaseChanges(
  client: Queryable,
  changes: readonly CaseChange[],
  cases: readonly IncidentCase[],
  nowMs: UnixMillis,
): Promise<ReadonlyMap<string, string>> {
  const byId = new Map(cases.map((one) => [one.id, one]))
  const homes = new Map<string, string>()
  const events: CaseEvent[] = []
  const happened = (kind: CaseEvent['kind'], of: { dataset: string; id: string }, detail: CaseEvent['detail'] = {}) =>
    events.push({ dataset: of.dataset, caseId: of.id, kind, atMs: nowMs, actor: POSTERN_ACTOR, detail })
  const settle = async (caseId: string, findingIds: readonly string[]) => {
    for (const id of findingIds) homes.set(id, caseId)
    await client.query('UPDATE finding SET case_id = $1::uuid WHERE id = ANY($2::uuid[])', [caseId, findingIds])
  }
  for (const change of changes) {
    if (change.kind === 'open') {
      const id = randomUUID()
      await insertCase(client, { ...change, id, openedBy: POSTERN_ACTOR, openedMs: nowMs, status: 'open' })
      await settle(id, change.findingIds)
      happened('opened', { dataset: change.dataset, id }, { findings: change.findingIds.length })
      continue
    }
    const own = byId.get(change.caseId)
    if (!own) continue
    switch (change.kind) {
      case 'join':
        await settle(own.id, change.findingIds)
        happened('joined', own, { findings: change.findingIds.length })
        break
      case 'describe':
        await describeCase(client, own.id, change)
        break
      case 'reopen':
        await setCaseStatus(client, own.id, 'open', null)
        happened('reopened', own)
        break
      case 'resolve':
        await setCaseStatus(client, own.id, 'resolved', { atMs: nowMs })
        happened('resolved', own)
    }
  }
  await appendCaseEvents(client, events)
  return homes
}

/** Puts a new incident in. */
export async function insertCase(client: Queryable, made: IncidentCase): Promise<void> {
  await client.query(
    `INSERT INTO incident_case (id, dataset, cluster, cause, title, summary, status, opened_by, opened_at)
     VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, to_timestamp($9::float8 / 1000))`,
    [
      made.id,
      made.dataset,
      made.cluster,
      made.cause,
      made.title,
      made.summary,
      made.status,
      made.openedBy,
      made.openedMs,
    ],
  )
}

/** Gives an incident the words that its findings make. */
export async function describeCase(
  client: Queryable,
  id: string,
  { title, summary }: Pick<IncidentCase, 'title' | 'summary'>,
): Promise<void> {
  await client.query('UPDATE incident_case SET title = $2, summary = $3 WHERE id = $1::uuid', [id, title, summary])
}

/** Opens or resolves an incident; `reason` where a person did. */
export async function setCaseStatus(
  client: Queryable,
  id: string,
  status: IncidentCase['status'],
  resolved: { readonly atMs: UnixMillis; readonly reason?: string } | null,
): Promise<void> {
  await client.query(
    `UPDATE incident_case SET status = $2, resolved_at = to_timestamp($3::float8 / 1000), resolved_reason = $4 WHERE id = $1::uuid`,
    [id, status, resolved?.atMs ?? null, resolved?.reason ?? null],
  )
}
