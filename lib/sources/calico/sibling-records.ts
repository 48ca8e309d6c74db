import type { Flow, FlowCounts } from '@/lib/model/flow'
import { groupBy, isFuller, markFamily, withMark } from '@/lib/model/siblings'

/**
 * Marks the records of one body whose counters repeat those of a sibling, and gives repeats of one record the fullest of
 * their tellings. What other bodies bring of the same families is settled when they are stored.
 */
export function markSiblings(flows: readonly Flow[]): Flow[] {
  const fullest = fullestTellings(flows)
  const told = flows.map((flow) => fullest.get(flow.recordKey) ?? flow)
  const marked = new Map<string, Flow>()
  for (const family of groupBy(uniqueOf(told), (flow) => flow.sibling?.family ?? flow.recordKey).values()) {
    const compared = family.flatMap((flow) => (flow.sibling ? [{ flow, sibling: flow.sibling, ...pick(flow) }] : []))
    for (const [{ flow }, mark] of markFamily(compared)) marked.set(flow.recordKey, withMark(flow, mark))
  }
  return flows.map((flow) => {
    const one = marked.get(flow.recordKey) ?? flow
    return flow.line === undefined || one.line === flow.line ? one : { ...one, line: flow.line }
  })
}

function fullestTellings(flows: readonly Flow[]): ReadonlyMap<string, Flow> {
  const fullest = new Map<string, Flow>()
  for (const flow of flows) {
    const known: { readonly counts: FlowCounts } | undefined = fullest.get(flow.recordKey)
    if (!known || isFuller(flow.counts, known.counts)) fullest.set(flow.recordKey, flow)
  }
  return fullest
}

const uniqueOf = (flows: readonly Flow[]): Flow[] => [
  ...new Map(flows.map((flow) => [flow.recordKey, flow] as const)).values(),
]

const pick = ({ recordKey, counts }: Flow) => ({ recordKey, counts })
