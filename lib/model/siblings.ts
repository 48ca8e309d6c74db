import type { Flow, FlowCounts, SiblingPlace } from './flow'

const SPLIT_NOTE =
  'one key was split by policy set: pending policies are shared by the parts (approximate), volume is an upper bound per policy'
const TWIN_NOTE = 'repeats a record of the same key that names the Service'
const NOTES: ReadonlySet<unknown> = new Set([SPLIT_NOTE, TWIN_NOTE])

/** A record that has siblings, as far as they are compared. */
export interface Sibling {
  readonly recordKey: string
  readonly sibling: SiblingPlace
  readonly counts: FlowCounts
}

export interface SiblingMark {
  /** Its counters repeat those of a sibling. */
  readonly repeats: boolean
  /** What the evidence view says of it. */
  readonly notes: readonly string[]
}

/**
 * Which records of one family repeat the counters of another, so that an edge is not counted more than once.
 *
 * Felix writes one record per enforced policy set of an aggregated key, each with the complete counters: the largest
 * counts (exact with one reporting node, else a lower bound). A race also writes records without the Service beside those
 * that have it: the latter count. Depends on the set of records alone, not on their order. formats/calico.md §2.3, §2.6
 */
export function markFamily<T extends Sibling>(family: readonly T[]): Map<T, SiblingMark> {
  const marks = new Map<T, SiblingMark>()
  const hasService = family.some((item) => item.sibling.service !== '')
  for (const [service, parts] of groupBy(family, (item) => item.sibling.service)) {
    const isTwin = hasService && service === ''
    const isSplit = new Set(parts.map((part) => part.sibling.policies)).size > 1
    const counting = isTwin ? undefined : largest(parts)
    const notes = [...(isSplit ? [SPLIT_NOTE] : []), ...(isTwin ? [TWIN_NOTE] : [])]
    for (const part of parts) marks.set(part, { repeats: part.recordKey !== counting, notes })
  }
  return marks
}

/** The flow as its mark says; the flow itself where that changes nothing. */
export function withMark(flow: Flow, mark: SiblingMark): Flow {
  const { notes, ...raw } = flow.raw
  const told = Array.isArray(notes) ? notes : []
  const all = [...told.filter((note) => !NOTES.has(note)), ...mark.notes]
  const isSame = all.length === told.length && all.every((note, index) => note === told[index])
  if (isSame && (flow.repeatsSiblingCounts ?? false) === mark.repeats) return flow
  const { repeatsSiblingCounts: _, ...rest } = flow
  return {
    ...rest,
    ...(mark.repeats && { repeatsSiblingCounts: true }),
    raw: all.length > 0 ? { ...raw, notes: all } : raw,
  }
}

/**
 * Whether `a` tells more than `b` of one and the same record. Sources tell a record again with counters that have grown;
 * smaller ones are an older telling, or that of a server that lost part of its memory, and never replace larger ones.
 */
export const isFuller = (a: FlowCounts, b: FlowCounts): boolean => compareFullness(a, b) > 0

function compareFullness(a: FlowCounts, b: FlowCounts): number {
  return sizeOf(a) - sizeOf(b) || a.connections - b.connections
}

/** Identity of what a record tells: records with siblings are told again with other counters, all others never. */
export function contentKey(flow: Pick<Flow, 'recordKey' | 'sibling' | 'counts'>): string {
  const { bytesSent, bytesReceived, connections } = flow.counts
  return flow.sibling ? `${flow.recordKey}\n${bytesSent}\n${bytesReceived}\n${connections}` : flow.recordKey
}

const sizeOf = (counts: FlowCounts): number => counts.bytesSent + counts.bytesReceived

/** Key of the record with the largest counters; on a tie the smallest key, so that order does not matter. */
function largest(parts: readonly Sibling[]): string | undefined {
  let best: Sibling | undefined
  for (const part of parts) {
    const order = best ? compareFullness(part.counts, best.counts) : 1
    if (!best || order > 0 || (order === 0 && part.recordKey < best.recordKey)) best = part
  }
  return best?.recordKey
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}
