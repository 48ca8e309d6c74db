import type { CaseChange, CaseFinding, CasePlanInput, IncidentCase } from '@/lib/model/incident-case'
import { REOPEN_WINDOW_MS } from './plan-finding-changes'
import { summariseCase } from './summarise-case'

/** True where a finding opens an incident by itself: bad, and proven. */
export const opensCase = ({ severity, certainty, status, accepted }: CaseFinding): boolean =>
  (severity === 'critical' || severity === 'high') && certainty === 'fact' && status === 'open' && !accepted

/** It needs nobody any more. */
export const isSettled = ({ status, accepted }: Pick<CaseFinding, 'status' | 'accepted'>): boolean =>
  status === 'resolved' || accepted !== undefined

/**
 * What must change in incidents so that bad, proven findings of one cause are one incident while it is open, and within 24 hours after:
 * opened, joined by all open findings of the cause, opened again by news, resolved when none of its findings needs anybody. What
 * a person decided stays: a finding whose incident was chosen by hand is moved by nobody else. Planning again changes nothing.
 */
export function planCases({ cases, findings, news, nowMs }: CasePlanInput): CaseChange[] {
  const byId = new Map(cases.map((one) => [one.id, one]))
  const members = new Map<string, CaseFinding[]>(cases.map(({ id }) => [id, []]))
  for (const finding of findings) if (finding.caseId !== undefined) members.get(finding.caseId)?.push(finding)

  const reopened = new Set<string>()
  const homeless: CaseFinding[] = []
  for (const finding of findings) {
    if (finding.status !== 'open' || finding.accepted) continue
    if (finding.caseId === undefined) {
      if (!finding.isCaseChosen && finding.cause !== '') homeless.push(finding)
      continue
    }
    if (!news.has(finding.id)) continue
    const own = byId.get(finding.caseId)
    if (!own) homeless.push(finding)
    else if (own.status === 'resolved') reopened.add(own.id)
  }

  const changes: CaseChange[] = []
  for (const group of groupByCause(homeless)) {
    const [first] = group
    if (!first) continue
    const home = homeOf(first, cases, reopened)
    if (home?.status === 'open' || (home && reopened.has(home.id))) join(home, group)
    else if (group.some(opensCase)) {
      if (home) {
        reopened.add(home.id)
        join(home, group)
      } else changes.push({ kind: 'open', ...scopeOf(first), ...summariseCase(group), findingIds: idsOf(group) })
    }
  }
  function join(home: IncidentCase, group: readonly CaseFinding[]): void {
    changes.push({ kind: 'join', caseId: home.id, findingIds: idsOf(group) })
    members.get(home.id)?.push(...group)
  }

  for (const one of cases) {
    const own = members.get(one.id) ?? []
    const isOpen = one.status === 'open' || reopened.has(one.id)
    if (reopened.has(one.id) && one.status === 'resolved') changes.push({ kind: 'reopen', caseId: one.id })
    if (!isOpen || own.length === 0) continue
    const { title, summary } = summariseCase(own)
    if (title !== one.title || summary !== one.summary)
      changes.push({ kind: 'describe', caseId: one.id, title, summary })
    if (own.every(isSettled)) changes.push({ kind: 'resolve', caseId: one.id })
  }
  return changes

  /** The incident of a cause: the open one, else the newest that may be opened again. */
  function homeOf(finding: CaseFinding, all: readonly IncidentCase[], again: ReadonlySet<string>) {
    const alike = all.filter(
      ({ dataset, cluster, cause }) =>
        cause === finding.cause && dataset === finding.dataset && cluster === finding.cluster,
    )
    const open = alike.find(({ id, status }) => status === 'open' || again.has(id))
    const newest = [...alike].sort((a, b) => (b.resolvedMs ?? 0) - (a.resolvedMs ?? 0))[0]
    return open ?? (newest && nowMs - (newest.resolvedMs ?? 0) < REOPEN_WINDOW_MS ? newest : undefined)
  }
}

const idsOf = (findings: readonly CaseFinding[]): string[] => findings.map(({ id }) => id)

const scopeOf = ({ dataset, cluster, cause }: CaseFinding) => ({ dataset, cluster, cause })

/** In the order of the cause, so that every replica plans alike. */
function groupByCause(findings: readonly CaseFinding[]): CaseFinding[][] {
  const groups = new Map<string, CaseFinding[]>()
  for (const finding of findings) {
    const key = JSON.stringify([finding.dataset, finding.cluster, finding.cause])
    const group = groups.get(key)
    if (group) group.push(finding)
    else groups.set(key, [finding])
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}
