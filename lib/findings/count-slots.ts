import type { Detection, DetectionCount, EdgeFacts, Shown, SlotFacts } from './facts'
import { byText } from './finding-words'

/** How much of a slot a detector counts. */
export type SlotCount = (slot: SlotFacts) => number

export const passed: SlotCount = (slot) => slot.passed
export const denied: SlotCount = (slot) => slot.denied
/** What got through: by flow records, or where none tells of the slot, by spans. Units never mix. */
export const gotThrough: SlotCount = (slot) => {
  if (slot.passed > 0) return slot.passed
  return slot.denied > 0 || slot.dropped > 0 ? 0 : slot.spans
}

export const sumSlots = ({ slots }: EdgeFacts, count: SlotCount): number =>
  slots.reduce((sum, slot) => sum + count(slot), 0)

/** What edges count together, per slot; undefined where that is nothing. */
export function countSlots(
  edges: readonly EdgeFacts[],
  count: SlotCount,
): Extract<DetectionCount, { readonly kind: 'slots' }> | undefined {
  const counts = new Map<number, number>()
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const edge of edges) {
    for (const slot of edge.slots) {
      const counted = count(slot)
      if (counted <= 0) continue
      counts.set(slot.startMs, (counts.get(slot.startMs) ?? 0) + counted)
      firstMs = Math.min(firstMs, slot.firstMs)
      lastMs = Math.max(lastMs, slot.lastMs)
    }
  }
  if (counts.size === 0) return undefined
  const slots = [...counts].map(([startMs, sum]) => ({ startMs, count: sum })).sort((a, b) => a.startMs - b.startMs)
  return { kind: 'slots', slots, firstMs, lastMs }
}

/** Each slot as one, however often it tried in it: retries are one attempt. */
export const collapsed = (shown: Extract<DetectionCount, { readonly kind: 'slots' }>): typeof shown => ({
  ...shown,
  slots: shown.slots.map(({ startMs }) => ({ startMs, count: 1 })),
})

export const total = (shown: Extract<DetectionCount, { readonly kind: 'slots' }>): number =>
  shown.slots.reduce((sum, { count }) => sum + count, 0)

/** Totals of several edges as one. */
export function addShown(parts: readonly Shown[]): Extract<DetectionCount, { readonly kind: 'total' }> | undefined {
  const [first] = parts
  if (!first) return undefined
  let { firstMs, lastMs } = first
  let [count, learnedMs] = [0, Number.NEGATIVE_INFINITY]
  for (const part of parts) {
    count += part.count
    firstMs = Math.min(firstMs, part.firstMs)
    lastMs = Math.max(lastMs, part.lastMs)
    learnedMs = Math.max(learnedMs, part.learnedMs ?? part.lastMs)
  }
  return { kind: 'total', count, firstMs, lastMs, ...(learnedMs !== lastMs && { learnedMs }) }
}

const MAX_EDGES = 8

/** The edges that show a detection, the weightiest first, at most 8. */
export function tellingEdges(edges: readonly EdgeFacts[], weight: (edge: EdgeFacts) => number): Detection['edgeIds'] {
  return edges
    .map((edge) => ({ edgeId: edge.edgeId, weight: weight(edge) }))
    .sort((left, right) => right.weight - left.weight || byText(left.edgeId, right.edgeId))
    .slice(0, MAX_EDGES)
    .map(({ edgeId }) => edgeId)
}
