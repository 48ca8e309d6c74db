import type { Flow } from '@/lib/model/flow'
import type { DecodedFlow } from './decode-flow'

const SPLIT_NOTE =
  'one key was split by policy set: pending policies are shared by the parts (approximate), volume is an upper bound per policy'
const TWIN_NOTE = 'repeats a record of the same key that names the Service'

/**
 * Marks the records whose counters repeat those of a sibling, so that an edge is not counted more than once.
 *
 * Felix writes one record per enforced policy set of an aggregated key, each with the complete counters: the largest
 * counts (exact with one reporting node, else a lower bound). A race also writes records without the Service beside those
 * that have it: the latter count. Siblings are found within one batch only. formats/calico.md §2.3, §2.6
 */
export function markSiblings(decoded: readonly DecodedFlow[]): Flow[] {
  const families = groupBy(decoded, (item) => item.family)
  const marks = new Map<DecodedFlow, { readonly repeats: boolean; readonly notes: readonly string[] }>()
  for (const family of families.values()) markFamily(family, marks)
  return decoded.map((item) => {
    const mark = marks.get(item)
    const notes = [...item.notes, ...(mark?.notes ?? [])]
    return {
      ...item.flow,
      ...(item.line !== undefined && { line: item.line }),
      ...(mark?.repeats && { repeatsSiblingCounts: true }),
      ...(notes.length > 0 && { raw: { ...item.flow.raw, notes } }),
    }
  })
}

function markFamily(
  family: readonly DecodedFlow[],
  marks: Map<DecodedFlow, { readonly repeats: boolean; readonly notes: readonly string[] }>,
): void {
  if (family.length === 1) return
  const hasService = family.some((item) => item.service !== '')
  for (const [service, parts] of groupBy(family, (item) => item.service)) {
    const isTwin = hasService && service === ''
    const isSplit = new Set(parts.map((part) => part.enforced)).size > 1
    const counting = isTwin ? undefined : largest(parts)
    const notes = [...(isSplit ? [SPLIT_NOTE] : []), ...(isTwin ? [TWIN_NOTE] : [])]
    for (const part of parts) marks.set(part, { repeats: part.flow.recordKey !== counting, notes })
  }
}

function groupBy(items: readonly DecodedFlow[], keyOf: (item: DecodedFlow) => string): Map<string, DecodedFlow[]> {
  const groups = new Map<string, DecodedFlow[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

/** Key of the record with the largest counters; on a tie the smallest key, so that order does not matter. */
function largest(parts: readonly DecodedFlow[]): string | undefined {
  const size = ({ flow: { counts } }: DecodedFlow): number => counts.bytesSent + counts.bytesReceived
  const ordered = [...parts].sort(
    (a, b) =>
      size(b) - size(a) ||
      b.flow.counts.connections - a.flow.counts.connections ||
      (a.flow.recordKey < b.flow.recordKey ? -1 : 1),
  )
  return ordered[0]?.flow.recordKey
}
