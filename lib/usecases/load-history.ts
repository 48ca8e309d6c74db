import 'server-only'
import { slotCounts } from '@/lib/graph/slot-counts'
import type { VariantRow } from '@/lib/model/graph-input'
import { HISTORY_SPANS, type HistorySlot, type HistorySpan, type PanelHistory } from '@/lib/model/panel-history'
import type { TimeRange } from '@/lib/model/time-range'
import { loadFirstSeen } from '@/lib/store/edge-first-seen'
import { loadDoorChanges } from '@/lib/store/load-door-changes'
import { loadEdgesOf } from '@/lib/store/load-edges-of'
import { variantsOf } from '@/lib/store/load-graph'
import { loadSlotSums, type SlotSum } from '@/lib/store/load-slot-sums'
import { loadVariants } from '@/lib/store/load-variants'

export interface HistoryQuery {
  readonly dataset: string
  /** When the window ends. */
  readonly toMs: number
  readonly span: HistorySpan
}

/** The history of an edge up to the end of a window. Errors: `unavailable`. */
export const loadEdgeHistory = (edgeId: string, query: HistoryQuery): Promise<PanelHistory> =>
  historyOf([edgeId], query)

/** The history of all edges of a node together. Errors: `unavailable`. */
export const loadNodeHistory = async (nodeId: string, query: HistoryQuery): Promise<PanelHistory> =>
  historyOf(await loadEdgesOf(query.dataset, [nodeId]), query)

async function historyOf(edgeIds: readonly string[], { dataset, toMs, span }: HistoryQuery): Promise<PanelHistory> {
  const { spanMs, slotMs } = HISTORY_SPANS[span]
  const end = Math.ceil(toMs / slotMs) * slotMs
  const range: TimeRange = { fromMs: end - spanMs, toMs: end }
  const [sums, seen, doors] = await Promise.all([
    variantsOf(edgeIds).then((variants) => loadSlotSums(dataset, range, slotMs, variants)),
    dataset === '' ? loadFirstSeen(edgeIds) : undefined,
    loadDoorChanges(dataset, edgeIds, range),
  ])
  const known = sums.map(({ firstMs }) => firstMs).concat([...(seen?.values() ?? [])].map(({ firstMs }) => firstMs))
  const lastMs = sums.reduce((newest, sum) => Math.max(newest, sum.lastMs), 0)
  return {
    range,
    slotMs,
    slots: slotsOf(range, slotMs, await countsOf(sums)),
    ...(known.length > 0 && { firstMs: known.reduce((oldest, ms) => Math.min(oldest, ms), known[0] ?? 0) }),
    ...(lastMs > 0 && { lastMs }),
    doorChanges: doors.changes,
    doorChangesTotal: doors.total,
  }
}

/** Per slot the counts of every edge by its own rules, added up. */
async function countsOf(sums: readonly SlotSum[]): Promise<ReadonlyMap<number, HistorySlot>> {
  const variants = await loadVariants(sums.map(({ variantId }) => variantId))
  const groups = new Map<string, { readonly startMs: number; readonly rows: VariantRow[] }>()
  for (const [index, sum] of sums.entries()) {
    const variant = variants[index]
    if (!variant) continue
    const key = `${sum.startMs} ${variant.edge.id}`
    const group = groups.get(key) ?? { startMs: sum.startMs, rows: [] }
    groups.set(key, group)
    group.rows.push({ ...variant.row, counters: sum.counters, firstMs: sum.firstMs, lastMs: sum.lastMs })
  }
  const slots = new Map<number, HistorySlot>()
  for (const { startMs, rows } of groups.values()) {
    const { passed, denied } = slotCounts(rows)
    const before = slots.get(startMs) ?? { startMs, passed: 0, denied: 0 }
    slots.set(startMs, { startMs, passed: before.passed + passed, denied: before.denied + denied })
  }
  return slots
}

function slotsOf({ fromMs, toMs }: TimeRange, slotMs: number, counts: ReadonlyMap<number, HistorySlot>): HistorySlot[] {
  const slots: HistorySlot[] = []
  for (let startMs = fromMs; startMs < toMs; startMs += slotMs)
    slots.push(counts.get(startMs) ?? { startMs, passed: 0, denied: 0 })
  return slots
}
