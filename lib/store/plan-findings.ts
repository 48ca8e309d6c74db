import 'server-only'
import type { DetectorState, FindingChange, FindingEvent, TrackedFinding } from '@/lib/model/finding'
import type { UnixMillis } from '@/lib/model/units'
import { adoptOldFindings } from './adopt-old-findings'
import { type Queryable, withTransaction } from './client'
import { lastDetectorPass, saveDetectorStates } from './detector-states'
import { appendFindingEvents } from './finding-events'
import { lockFindingChanges, lockPlanning } from './finding-lock'
import { loadCurrentFindings } from './load-findings'
import { notifyGraph } from './notify-graph'
import { saveFindingChanges } from './save-finding-changes'
import { type CasePlanner, syncCases } from './sync-cases'

export interface FindingPass<Seen> {
  readonly nowMs: UnixMillis
  readonly cases: CasePlanner
  /** Where given, the pass is one over all detectors, and is left out where another replica made one within this time. */
  readonly everyMs?: number
  /** What to plan over, by connections of its own. */
  read(): Promise<Seen>
  plan(
    seen: Seen,
    findings: readonly TrackedFinding[],
  ): { readonly changes: readonly FindingChange[]; readonly states?: readonly DetectorState[] }
}

/**
 * Reads, lets `plan` decide, and writes what it answers: any number of replicas may plan, they take turns, and a problem still opens one
 * finding. What happened is appended in the same transaction; browsers are told where a finding began or ended. Answers the
 * number of changes; undefined where the pass was left out.
 */
export async function planFindings<Seen>(pass: FindingPass<Seen>): Promise<number | undefined> {
  return withTransaction(async (client) => {
    await lockPlanning(client)
    if (pass.everyMs !== undefined) {
      const lastMs = await lastDetectorPass(client)
      // Clocks of replicas differ by a little, whichever way.
      if (lastMs !== undefined && Math.abs(pass.nowMs - lastMs) < pass.everyMs) return undefined
    }
    const seen = await pass.read()
    await lockFindingChanges(client)
    await adoptOldFindings(client)
    const findings = await loadCurrentFindings(client)
    const { changes: planned, states } = pass.plan(seen, findings)
    const changes = await ofKeptDatasets(client, planned)
    const changed = await saveFindingChanges(client, changes, findings, pass.nowMs)
    const events = await syncCases(client, pass.cases, changed, pass.nowMs)
    await appendFindingEvents(client, events)
    if (states) await saveDetectorStates(client, states)
    await notifyGraph(client, scopesOf(events))
    return changes.length
  })
}

/** A dataset may have begun to go since it was read; what is opened now, its deletion finds, since that waits for our lock. */
async function ofKeptDatasets(client: Queryable, changes: readonly FindingChange[]): Promise<FindingChange[]> {
  const opened = changes.flatMap((change) => (change.kind === 'open' ? [change.finding.dataset] : []))
  const pinned = [...new Set(opened)].filter(Boolean)
  if (pinned.length === 0) return [...changes]
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM dataset WHERE name = ANY($1::text[]) AND deleting_at IS NULL',
    [pinned],
  )
  const kept = new Set(['', ...rows.map(({ name }) => name)])
  return changes.filter((change) => change.kind !== 'open' || kept.has(change.finding.dataset))
}

function scopesOf(events: readonly FindingEvent[]): Parameters<typeof notifyGraph>[1][number][] {
  const scopes = new Map<string, { dataset: string; cluster: string; egress: boolean }>()
  for (const { finding } of events)
    scopes.set(`${finding.dataset}\n${finding.cluster}`, {
      dataset: finding.dataset,
      cluster: finding.cluster,
      egress: false,
    })
  return [...scopes.values()]
}
