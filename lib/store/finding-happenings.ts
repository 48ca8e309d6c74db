import 'server-only'
import type { Finding, FindingChange } from '@/lib/model/finding'
import type { FindingHappening } from '@/lib/model/notification'
import type { Queryable } from './client'

/** What changes that were saved say happened, with each finding as it is now, whoever else it was opened by. */
export async function happeningsOf(
  client: Queryable,
  changes: readonly FindingChange[],
  before: readonly Finding[],
  nowMs: number,
): Promise<FindingHappening[]> {
  const known = new Map(before.map((finding) => [finding.id, finding]))
  const happenings: FindingHappening[] = []
  for (const change of changes) {
    if (change.kind === 'stale') continue
    if (change.kind === 'open') {
      const { rows } = await client.query<{ id: string }>(
        'SELECT id::text FROM finding WHERE detector = $1 AND edge_id = $2',
        [change.finding.detector, change.finding.edgeId],
      )
      const id = rows[0]?.id
      if (id) happenings.push({ kind: 'opened', atMs: nowMs, finding: { ...change.finding, id } })
      continue
    }
    const finding = known.get(change.findingId)
    if (!finding) continue
    if (change.kind === 'resolve')
      happenings.push({ kind: 'resolved', atMs: nowMs, finding: { ...finding, status: 'resolved' } })
    else {
      const now = { ...finding, ...change.set, status: change.kind === 'reopen' ? ('open' as const) : finding.status }
      const isWorse = change.kind === 'update' && finding.severity !== now.severity
      if (change.kind === 'reopen' || isWorse)
        happenings.push({ kind: change.kind === 'update' ? 'escalated' : 'reopened', atMs: nowMs, finding: now })
    }
  }
  return happenings
}
