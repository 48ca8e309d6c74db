import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { Finding } from '@/lib/model/finding'
import type { CaseEvent, IncidentCase } from '@/lib/model/incident-case'
import type { UnixMillis } from '@/lib/model/units'
import { appendAudit } from './audit-log'
import { appendCaseEvents, lockCase } from './cases'
import { type Queryable, withTransaction } from './client'
import { lockFindingChanges } from './finding-lock'
import { lockFindings } from './load-findings'
import { storeText } from './store-json'
import { type CasePlanner, insertCase, setCaseStatus, syncCases } from './sync-cases'

/** What a person does with an incident. */
export type CaseAction =
  /** '' = nobody. */
  | { readonly kind: 'own'; readonly owner: string }
  | { readonly kind: 'resolve'; readonly reason: string }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'comment'; readonly text: string }
  /** Takes findings in, from wherever they are. */
  | { readonly kind: 'add'; readonly findingIds: readonly string[] }
  /** Findings leave it, and join none by themselves. */
  | { readonly kind: 'remove'; readonly findingIds: readonly string[] }
  /** All of its findings go into another, and it is resolved. */
  | { readonly kind: 'merge'; readonly intoId: string }

interface Context {
  readonly actor: string
  readonly nowMs: UnixMillis
  readonly cases: CasePlanner
}

/**
 * Does one thing with one incident: the change, what happened and its audit entry in one transaction. False where there is no such incident.
 * Errors: `bad_request` where a finding is of another dataset or cluster, `not_found` for a finding that there is not.
 */
export async function changeCase(id: string, action: CaseAction, context: Context): Promise<boolean> {
  return withTransaction(async (client) => {
    await lockFindingChanges(client)
    const own = await lockCase(client, id)
    if (!own) return false
    const change = await applyAction(client, own, action, context)
    if (!change) return true
    await finish(client, own, change, { ...context, action: `incident.${action.kind}` })
    return true
  })
}

/** Opens an incident over findings of one dataset and cluster, which a person chose. Answers its id. Errors: as `changeCase`. */
export async function openCase(
  findingIds: readonly string[],
  words: (findings: readonly Finding[]) => Pick<IncidentCase, 'title' | 'summary'>,
  context: Context,
): Promise<string> {
  return withTransaction(async (client) => {
    await lockFindingChanges(client)
    const findings = await demandFindings(client, findingIds)
    const [first] = findings
    if (!first) throw new AppError('bad_request', 'an incident is of one finding at least')
    demandScope(first, findings)
    const { dataset, cluster } = first
    const base = { id: randomUUID(), dataset, cluster, cause: '' }
    const made: IncidentCase = {
      ...base,
      ...words(findings),
      status: 'open',
      openedBy: context.actor,
      openedMs: context.nowMs,
    }
    await insertCase(client, made)
    await moveFindings(client, made.id, findingIds)
    const change = { kind: 'opened', detail: { findings: findings.length } } as const
    await finish(client, made, change, { ...context, action: 'incident.open' })
    return made.id
  })
}

type Change = Pick<CaseEvent, 'kind' | 'detail'> & { readonly others?: readonly CaseEvent[] }

async function finish(
  client: Queryable,
  own: IncidentCase,
  { kind, detail, others = [] }: Change,
  { actor, nowMs, cases, action }: Context & { readonly action: string },
): Promise<void> {
  await appendCaseEvents(client, [
    { dataset: own.dataset, caseId: own.id, kind, atMs: nowMs, actor, detail },
    ...others,
  ])
  await appendAudit(client, { actor, action, subject: `incident/${own.id}`, detail: { title: own.title, ...detail } })
  await syncCases(client, cases, [], nowMs)
}

async function applyAction(
  client: Queryable,
  own: IncidentCase,
  action: CaseAction,
  context: Context,
): Promise<Change | undefined> {
  const { actor, nowMs } = context
  switch (action.kind) {
    case 'own':
      if ((own.owner ?? '') === action.owner) return undefined
      await client.query(`UPDATE incident_case SET owner = nullif($2, '') WHERE id = $1::uuid`, [
        own.id,
        storeText(action.owner),
      ])
      return { kind: 'owned', detail: { from: own.owner ?? '', owner: action.owner } }
    case 'comment':
      return { kind: 'commented', detail: { text: action.text } }
    case 'resolve':
      if (own.status === 'resolved') return undefined
      await setCaseStatus(client, own.id, 'resolved', { atMs: nowMs, reason: storeText(action.reason) })
      return { kind: 'resolved', detail: { reason: action.reason } }
    case 'reopen':
      if (own.status === 'open') return undefined
      await setCaseStatus(client, own.id, 'open', null)
      return { kind: 'reopened', detail: {} }
    case 'add': {
      const findings = await demandFindings(client, action.findingIds)
      demandScope(own, findings)
      await moveFindings(client, own.id, action.findingIds)
      const lost = findings.flatMap(({ caseId }) => (caseId === undefined || caseId === own.id ? [] : [caseId]))
      const others = [...new Set(lost)].map(
        (caseId): CaseEvent => ({
          dataset: own.dataset,
          caseId,
          kind: 'left',
          atMs: nowMs,
          actor,
          detail: { findings: lost.filter((one) => one === caseId).length, to: own.id },
        }),
      )
      return { kind: 'joined', detail: { findings: findings.length }, others }
    }
    case 'remove':
      await client.query(
        'UPDATE finding SET case_id = NULL, is_case_chosen = true WHERE case_id = $1::uuid AND id = ANY($2::uuid[])',
        [own.id, action.findingIds],
      )
      return { kind: 'left', detail: { findings: action.findingIds.length } }
    case 'merge': {
      const into = action.intoId === own.id ? undefined : await lockCase(client, action.intoId)
      if (!into) throw new AppError('not_found', 'no such incident to merge into')
      demandScope(into, [own])
      await client.query('UPDATE finding SET case_id = $2::uuid, is_case_chosen = true WHERE case_id = $1::uuid', [
        own.id,
        into.id,
      ])
      // Its cause goes with it: what comes later must not open it again.
      await client.query(`UPDATE incident_case SET cause = '' WHERE id = $1::uuid`, [own.id])
      if (into.cause === '' && own.cause !== '')
        await client.query('UPDATE incident_case SET cause = $2 WHERE id = $1::uuid', [into.id, own.cause])
      await setCaseStatus(client, own.id, 'resolved', { atMs: nowMs, reason: `merged into “${into.title}”` })
      const merged: CaseEvent = {
        dataset: own.dataset,
        caseId: into.id,
        kind: 'merged',
        atMs: nowMs,
        actor,
        detail: { from: own.id, title: own.title },
      }
      return { kind: 'resolved', detail: { into: into.id, reason: `merged into “${into.title}”` }, others: [merged] }
    }
  }
}

async function moveFindings(client: Queryable, caseId: string, findingIds: readonly string[]): Promise<void> {
  await client.query('UPDATE finding SET case_id = $1::uuid, is_case_chosen = true WHERE id = ANY($2::uuid[])', [
    caseId,
    findingIds,
  ])
}

async function demandFindings(client: Queryable, ids: readonly string[]): Promise<Finding[]> {
  const findings = await lockFindings(client, ids)
  if (findings.length < new Set(ids).size) throw new AppError('not_found', 'no such finding')
  return findings
}

function demandScope(
  of: { readonly dataset: string; readonly cluster: string },
  others: readonly { readonly dataset: string; readonly cluster: string }[],
): void {
  if (others.some(({ dataset, cluster }) => dataset !== of.dataset || cluster !== of.cluster))
    throw new AppError('bad_request', 'an incident is of one cluster and dataset')
}
