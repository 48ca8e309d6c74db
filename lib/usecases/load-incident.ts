import 'server-only'
import { AppError } from '@/lib/errors'
import { nextStepOf } from '@/lib/findings/summarise-case'
import type { Finding } from '@/lib/model/finding'
import type { CaseDetail, FindingDetail, IncidentCase, TimelineEntry } from '@/lib/model/incident-case'
import { HOUR_MS } from '@/lib/model/units'
import { listAuditBetween } from '@/lib/store/audit-log'
import { listCases, loadCase, loadCaseEvents } from '@/lib/store/cases'
import { loadFindingEvents } from '@/lib/store/finding-events'
import { listFrozen } from '@/lib/store/list-incidents'
import { loadFinding, loadFindings } from '@/lib/store/load-findings'
import { loadVersionsBetween } from '@/lib/store/load-inventory'
import { DECIDING_KINDS } from './deciding-kinds'

const CASES_SHOWN = 200
const FINDINGS_SHOWN = 200
const EVENTS_SHOWN = 200
const CHANGES_SHOWN = 200
const TIMELINE_SHOWN = 500
/** A policy or a rule that was changed shortly before may be the cause. */
const BEFORE_MS = HOUR_MS

/** Incidents of a dataset, open ones first, bounded. Errors: `unavailable`. */
export const listIncidentCases = (dataset: string): ReturnType<typeof listCases> => listCases(dataset, CASES_SHOWN)

/** A finding with its incident and what happened to it. Errors: `not_found`, `unavailable`. */
export async function loadFindingDetail(id: string): Promise<FindingDetail> {
  const finding = await loadFinding(id)
  if (!finding) throw new AppError('not_found', 'no such finding')
  const [own, events] = await Promise.all([
    finding.caseId === undefined ? undefined : loadCase(finding.caseId),
    loadFindingEvents([id], EVENTS_SHOWN),
  ])
  return {
    finding,
    ...(own && { incident: { id: own.id, title: own.title, status: own.status } }),
    events,
  }
}

/** An incident with its findings and its timeline. Errors: `not_found`, `unavailable`. */
export async function loadIncidentCase(id: string, nowMs: number): Promise<CaseDetail> {
  const incident = await loadCase(id)
  if (!incident) throw new AppError('not_found', 'no such incident')
  const { findings, total } = await loadFindings(
    { dataset: incident.dataset, caseId: id, isPastToo: true },
    FINDINGS_SHOWN,
  )
  return {
    incident,
    nextStep: nextStepOf(findings),
    findings,
    findingsTotal: total,
    timeline: await timelineOf(incident, findings, nowMs),
  }
}

async function timelineOf(
  incident: IncidentCase,
  findings: readonly Finding[],
  nowMs: number,
): Promise<TimelineEntry[]> {
  const firstMs = Math.min(incident.openedMs, ...findings.map(({ firstSeenMs }) => firstSeenMs))
  const stretch = { fromMs: firstMs - BEFORE_MS, toMs: (incident.resolvedMs ?? nowMs) + 1 }
  const byId = new Map(findings.map((finding) => [finding.id, finding]))
  const [findingEvents, caseEvents, policies, rules, frozen] = await Promise.all([
    loadFindingEvents([...byId.keys()], TIMELINE_SHOWN),
    loadCaseEvents(incident.id, TIMELINE_SHOWN),
    incident.dataset === ''
      ? loadVersionsBetween(incident.cluster, DECIDING_KINDS, namespacesOf(findings), stretch, CHANGES_SHOWN)
      : [],
    incident.dataset === '' ? listAuditBetween('egress.', stretch, CHANGES_SHOWN) : [],
    listFrozen(incident.id, CHANGES_SHOWN),
  ])
  const entries: TimelineEntry[] = [
    ...firstFlow(findings),
    ...findingEvents.map(
      (event): TimelineEntry => ({
        kind: 'finding',
        atMs: event.atMs,
        event,
        title: byId.get(event.findingId)?.title ?? '',
        about: aboutOf(byId.get(event.findingId)),
      }),
    ),
    ...caseEvents.map((event): TimelineEntry => ({ kind: 'case', atMs: event.atMs, event })),
    ...policies.map(
      ({ atMs, change, kind, namespace, name }): TimelineEntry => ({
        kind: 'policy',
        atMs,
        change,
        policyKind: kind,
        namespace,
        name,
      }),
    ),
    ...rules.map(({ atMs, actor, action, subject }): TimelineEntry => ({ kind: 'rule', atMs, actor, action, subject })),
    ...frozen.map(
      ({ id, title, createdMs }): TimelineEntry => ({
        kind: 'frozen',
        atMs: createdMs,
        incidentId: id,
        title,
      }),
    ),
  ]
  return entries.sort((a, b) => a.atMs - b.atMs).slice(-TIMELINE_SHOWN)
}

function firstFlow(findings: readonly Finding[]): TimelineEntry[] {
  const [first] = [...findings].sort((a, b) => a.firstSeenMs - b.firstSeenMs)
  return first ? [{ kind: 'first-flow', atMs: first.firstSeenMs, finding: aboutOf(first) }] : []
}

const aboutOf = (finding: Finding | undefined): string => (finding ? `${finding.workload} → ${finding.target}` : '')

const MOST_NAMESPACES = 50

/** Workloads are named `namespace/name`. */
const namespacesOf = (findings: readonly Finding[]): string[] =>
  [
    ...new Set(
      findings.flatMap(({ workload }) => (workload.includes('/') ? [workload.slice(0, workload.indexOf('/'))] : [])),
    ),
  ]
    .sort()
    .slice(0, MOST_NAMESPACES)
