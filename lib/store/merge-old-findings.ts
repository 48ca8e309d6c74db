import 'server-only'
import type { DetectorId, FindingStatus, Severity } from '@/lib/model/finding'

/** A finding as the version before wrote it: one per detector and edge. */
export interface OldFinding {
  readonly id: string
  readonly detector: DetectorId
  readonly dataset: string
  readonly cluster: string
  readonly edgeId: string
  readonly status: FindingStatus
  readonly severity: Severity
  readonly workload: string
  readonly target: string
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
  readonly resolvedMs: number | null
}

/** What old findings of one key become: one row, which keeps the id of the newest. */
export interface AdoptedFinding extends Omit<OldFinding, 'edgeId'> {
  readonly edgeIds: readonly string[]
  /** Ids of the others, whose rows go. */
  readonly merged: readonly string[]
}

const MOST_EDGES = 8
/** An address beside a name: `OpenAI (api.openai.com, 192.0.2.1)`, `api.openai.com, 192.0.2.1`. */
const ADDRESS_BESIDE = /, (?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f.]*:[\da-f:.]*)(\)?)$/i

/** A target without the address beside its name: providers change it, and a finding is of the name. */
export const withoutAddress = (target: string): string => target.replace(ADDRESS_BESIDE, '$1')

/** One finding per (dataset, detector, cluster, workload, target): counts are summed, and it goes on if any of them does. */
export function mergeOldFindings(old: readonly OldFinding[]): AdoptedFinding[] {
  const groups = new Map<string, OldFinding[]>()
  for (const row of old) {
    const key = JSON.stringify([row.dataset, row.detector, row.cluster, row.workload, withoutAddress(row.target)])
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].flatMap((rows) => {
    const newest = [...rows].sort((a, b) => b.lastMs - a.lastMs || (a.id < b.id ? -1 : 1))
    const [kept] = newest
    if (!kept) return []
    const { edgeId: _one, ...row } = kept
    const status = (['open', 'stale'] as const).find((one) => rows.some((other) => other.status === one)) ?? 'resolved'
    const severities = new Set(rows.filter((other) => other.status === status).map(({ severity }) => severity))
    return [
      {
        ...row,
        status,
        severity:
          (['critical', 'high', 'medium', 'low', 'info'] as const).find((one) => severities.has(one)) ?? row.severity,
        target: withoutAddress(row.target),
        count: rows.reduce((sum, { count }) => sum + count, 0),
        firstMs: Math.min(...rows.map(({ firstMs }) => firstMs)),
        lastMs: row.lastMs,
        resolvedMs:
          status === 'resolved' ? Math.max(...rows.map(({ resolvedMs, lastMs }) => resolvedMs ?? lastMs)) : null,
        edgeIds: [...new Set(newest.map(({ edgeId }) => edgeId))].slice(0, MOST_EDGES),
        merged: newest.slice(1).map(({ id }) => id),
      },
    ]
  })
}
