import 'server-only'
import type { Finding, FindingChange } from '@/lib/model/finding'
import { withTransaction } from './client'
import { contentId } from './content-id'
import { happeningsOf } from './finding-happenings'
import { loadAllFindings } from './load-findings'
import { type JudgedEdgeRow, loadJudgedEdges } from './load-judged-edges'
import { enqueueNotifications } from './notification-outbox'
import { notifyGraph } from './notify-graph'
import { saveFindingChanges } from './save-finding-changes'

/**
 * Reads judged edges and findings, lets `plan` decide, and writes what it answers, all under one lock: any number of
 * replicas may plan, a problem still opens one finding. Browsers are told where something changed. Answers the number of
 * changes.
 */
export async function planFindings(
  sinceMs: number,
  plan: (edges: readonly JudgedEdgeRow[], findings: readonly Finding[]) => readonly FindingChange[],
): Promise<number> {
  return withTransaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [contentId('findings')])
    const findings = await loadAllFindings(client)
    const edges = await loadJudgedEdges(client, sinceMs)
    const changes = plan(edges, findings)
    await saveFindingChanges(client, changes)
    await enqueueNotifications(client, await happeningsOf(client, changes, findings, Date.now()))
    await notifyGraph(client, scopesOf(changes, findings))
    return changes.length
  })
}

function scopesOf(
  changes: readonly FindingChange[],
  findings: readonly Finding[],
): Parameters<typeof notifyGraph>[1][number][] {
  const byId = new Map(findings.map((finding) => [finding.id, finding]))
  const scopes = new Map<string, { dataset: string; cluster: string; egress: boolean }>()
  for (const change of changes) {
    const finding = change.kind === 'open' ? change.finding : byId.get(change.findingId)
    if (finding)
      scopes.set(`${finding.dataset}\n${finding.cluster}`, {
        dataset: finding.dataset,
        cluster: finding.cluster,
        egress: false,
      })
  }
  return [...scopes.values()]
}
