import 'server-only'
import { actOnFinding, actOnIncident, openIncident } from '../change-findings'
import { listIncidentCases, loadFindingDetail, loadIncidentCase } from '../load-incident'

/** All that a person does with a finding of live data and with incidents, and what is shown of them then. */
export async function actOnAll(findingId: string, nowMs: number): Promise<void> {
  const doer = { actor: 'local', nowMs }
  const actions: readonly Parameters<typeof actOnFinding>[1][] = [
    { kind: 'acknowledge' },
    { kind: 'unacknowledge' },
    { kind: 'assign', assignee: 'ada' },
    { kind: 'accept', reason: 'r' },
    { kind: 'end-acceptance' },
    { kind: 'comment', text: 't' },
  ]
  for (const action of actions) await actOnFinding(findingId, action, doer)
  const { caseId } = (await loadFindingDetail(findingId)).finding
  const id = await openIncident([findingId], doer)
  const other = await openIncident([findingId], doer)
  const changes: readonly Parameters<typeof actOnIncident>[1][] = [
    { kind: 'own', owner: 'ada' },
    { kind: 'add', findingIds: [findingId] },
    { kind: 'remove', findingIds: [findingId] },
    { kind: 'add', findingIds: [findingId] },
    { kind: 'comment', text: 't' },
    { kind: 'resolve', reason: 'r' },
    { kind: 'reopen' },
    { kind: 'merge', intoId: other },
  ]
  for (const change of changes) await actOnIncident(id, change, doer)
  if (caseId !== undefined) await actOnIncident(caseId, { kind: 'merge', intoId: other }, doer)
  await loadFindingDetail(findingId)
  await listIncidentCases('')
  await loadIncidentCase(other, nowMs)
}
