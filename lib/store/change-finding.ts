import 'server-only'
import type { Finding, FindingEvent } from '@/lib/model/finding'
import type { UnixMillis } from '@/lib/model/units'
import { appendAudit } from './audit-log'
import { type Queryable, withTransaction } from './client'
import { appendFindingEvents } from './finding-events'
import { lockFindingChanges } from './finding-lock'
import { lockFindings } from './load-findings'
import { notifyGraph } from './notify-graph'
import { endAcceptances } from './save-finding-changes'
import { storeText } from './store-json'
import { type CasePlanner, syncCases } from './sync-cases'

/** What a person does with a finding. */
export type FindingAction =
  | { readonly kind: 'acknowledge' | 'unacknowledge' | 'end-acceptance' }
  /** '' = nobody. */
  | { readonly kind: 'assign'; readonly assignee: string }
  /** Without `untilMs` until a person ends it. */
  | { readonly kind: 'accept'; readonly reason: string; readonly untilMs?: UnixMillis }
  | { readonly kind: 'comment'; readonly text: string }

/**
 * Does one thing with one finding: the change, what happened, its audit entry and what follows for its incident in one transaction. Doing
 * again what is so already changes nothing and is not recorded. Answers the finding as it is then; undefined where there is none.
 */
export async function changeFinding(
  id: string,
  action: FindingAction,
  context: { readonly actor: string; readonly nowMs: UnixMillis; readonly cases: CasePlanner },
): Promise<Finding | undefined> {
  const { actor, nowMs } = context
  return withTransaction(async (client) => {
    await lockFindingChanges(client)
    const [before] = await lockFindings(client, [id])
    if (!before) return undefined
    const change = changeOf(before, cleaned(action), actor, nowMs)
    if (!change) return before
    await change.save(client)
    const event: FindingEvent = { kind: change.event, atMs: nowMs, actor, finding: change.after, detail: change.detail }
    const events = await syncCases(client, context.cases, [event], nowMs)
    await appendFindingEvents(client, events)
    await appendAudit(client, {
      actor,
      action: `finding.${action.kind}`,
      subject: `finding/${id}`,
      detail: { title: before.title, ...change.detail },
    })
    await notifyGraph(client, [{ dataset: before.dataset, cluster: before.cluster, egress: false }])
    return change.after
  })
}

/** Without what Postgres refuses in text. */
function cleaned(action: FindingAction): FindingAction {
  if (action.kind === 'assign') return { ...action, assignee: storeText(action.assignee) }
  if (action.kind === 'accept') return { ...action, reason: storeText(action.reason) }
  return action
}

interface Change {
  readonly after: Finding
  readonly event: FindingEvent['kind']
  readonly detail: FindingEvent['detail']
  save(client: Queryable): Promise<unknown>
}

function changeOf(before: Finding, action: FindingAction, actor: string, nowMs: UnixMillis): Change | undefined {
  const { acknowledged, assignee, accepted, ...rest } = before
  const at = 'to_timestamp($2::float8 / 1000)'
  switch (action.kind) {
    case 'acknowledge':
      if (acknowledged) return undefined
      return {
        after: { ...before, acknowledged: { by: actor, atMs: nowMs } },
        event: 'acknowledged',
        detail: {},
        save: (client) =>
          client.query(`UPDATE finding SET acknowledged_at = ${at}, acknowledged_by = $3 WHERE id = $1::uuid`, [
            before.id,
            nowMs,
            actor,
          ]),
      }
    case 'unacknowledge':
      if (!acknowledged) return undefined
      return {
        after: { ...rest, ...(assignee !== undefined && { assignee }), ...(accepted && { accepted }) },
        event: 'unacknowledged',
        detail: { by: acknowledged.by },
        save: (client) =>
          client.query('UPDATE finding SET acknowledged_at = NULL, acknowledged_by = NULL WHERE id = $1::uuid', [
            before.id,
          ]),
      }
    case 'assign':
      if ((assignee ?? '') === action.assignee) return undefined
      return {
        after: {
          ...rest,
          ...(acknowledged && { acknowledged }),
          ...(accepted && { accepted }),
          ...(action.assignee !== '' && { assignee: action.assignee }),
        },
        event: 'assigned',
        detail: { from: assignee ?? '', assignee: action.assignee },
        save: (client) =>
          client.query(`UPDATE finding SET assignee = nullif($2, '') WHERE id = $1::uuid`, [
            before.id,
            action.assignee,
          ]),
      }
    case 'accept': {
      const { reason, untilMs } = action
      return {
        after: { ...before, accepted: { by: actor, atMs: nowMs, reason, ...(untilMs !== undefined && { untilMs }) } },
        event: 'accepted',
        detail: { reason, ...(untilMs !== undefined && { untilMs }) },
        save: (client) =>
          client.query(
            `UPDATE finding SET accepted_at = ${at}, accepted_by = $3, accepted_reason = $4, accepted_until = to_timestamp($5::float8 / 1000)
             WHERE id = $1::uuid`,
            [before.id, nowMs, actor, reason, untilMs ?? null],
          ),
      }
    }
    case 'end-acceptance':
      if (!accepted) return undefined
      return {
        after: { ...rest, ...(acknowledged && { acknowledged }), ...(assignee !== undefined && { assignee }) },
        event: 'acceptance-ended',
        detail: { by: accepted.by, reason: accepted.reason },
        save: (client) => endAcceptances(client, [before.id]),
      }
    case 'comment':
      return { after: before, event: 'commented', detail: { text: action.text }, save: async () => undefined }
  }
}
