import 'server-only'
import { setImmediate as breathe } from 'node:timers/promises'
import type { EdgeFacts, SlotFacts } from '@/lib/findings/facts'
import { slotCounts } from '@/lib/graph/slot-counts'
import type { EdgeVariant } from '@/lib/model/graph'
import type { EdgeRow, VariantRow } from '@/lib/model/graph-input'
import type { SlotSum } from '@/lib/store/load-slot-sums'
import type { SpanSlot } from '@/lib/store/load-span-slots'
import type { Variant } from '@/lib/store/load-variants'

interface SlotDraft {
  readonly variants: VariantRow[]
  spans: number
  refused: number
  firstMs: number
  lastMs: number
}

/** What was seen of an edge in a window, before it is known what is at its ends. */
export interface EdgeDraft {
  readonly edgeId: string
  /** Known at once where a flow log tells of the edge; looked up where only spans or judgements do. */
  row: EdgeRow | undefined
  readonly slots: Map<number, SlotDraft>
  calls: number
  aiCalls: number
  refused: number
  hasSpans: boolean
  /** Providers that spans claim, in their words. */
  readonly claimed: Set<string>
}

/** What one workload emitted in a window. */
export interface EmitterDraft {
  spans: number
  aiSpans: number
}

/** Edges, and sums, between pauses: others of this process have their turn. */
const AT_ONCE = 1000
const SUMS_AT_ONCE = 5000

/** Sums and spans of a window by edge, and spans by emitter. */
export async function draftEdges(
  sums: readonly SlotSum[],
  variants: readonly (Variant | undefined)[],
  spans: readonly SpanSlot[],
): Promise<{ readonly edges: Map<string, EdgeDraft>; readonly emitters: Map<string, EmitterDraft> }> {
  const edges = new Map<string, EdgeDraft>()
  for (const [index, sum] of sums.entries()) {
    if (index % SUMS_AT_ONCE === SUMS_AT_ONCE - 1) await breathe()
    const variant = variants[index]
    if (!variant) continue
    const draft = draftOf(edges, variant.edge.id)
    draft.row = variant.edge
    const slot = slotOf(draft, sum.startMs, sum)
    slot.variants.push({ ...variant.row, counters: sum.counters, firstMs: sum.firstMs, lastMs: sum.lastMs })
  }
  const emitters = new Map<string, EmitterDraft>()
  for (const span of spans) {
    if (span.endpointId !== null) {
      const emitter = emitters.get(span.endpointId) ?? { spans: 0, aiSpans: 0 }
      emitters.set(span.endpointId, emitter)
      emitter.spans += span.spans
      emitter.aiSpans += span.aiSpans
    }
    if (span.edgeId !== null) {
      const draft = draftOf(edges, span.edgeId)
      addSpans(draft, span, {
        calls: span.receivedEdgeId === null ? span.calls : 0,
        aiCalls: span.aiCalls,
        refused: span.refused,
      })
      if (span.claimed !== null) draft.claimed.add(span.claimed)
    }
    if (span.receivedEdgeId !== null)
      addSpans(draftOf(edges, span.receivedEdgeId), span, { calls: span.calls, aiCalls: 0, refused: 0 })
  }
  return { edges, emitters }
}

function addSpans(
  draft: EdgeDraft,
  span: SpanSlot,
  counts: { readonly calls: number; readonly aiCalls: number; readonly refused: number },
): void {
  const slot = slotOf(draft, span.startMs, span)
  slot.spans += counts.calls
  slot.refused += counts.refused
  draft.calls += counts.calls
  draft.aiCalls += counts.aiCalls
  draft.refused += counts.refused
  draft.hasSpans = true
}

export function draftOf(edges: Map<string, EdgeDraft>, edgeId: string): EdgeDraft {
  const known = edges.get(edgeId)
  if (known) return known
  const draft: EdgeDraft = {
    edgeId,
    row: undefined,
    slots: new Map(),
    calls: 0,
    aiCalls: 0,
    refused: 0,
    hasSpans: false,
    claimed: new Set(),
  }
  edges.set(edgeId, draft)
  return draft
}

function slotOf(
  draft: EdgeDraft,
  startMs: number,
  seen: { readonly firstMs: number; readonly lastMs: number },
): SlotDraft {
  const slot = draft.slots.get(startMs) ?? {
    variants: [],
    spans: 0,
    refused: 0,
    firstMs: seen.firstMs,
    lastMs: seen.lastMs,
  }
  draft.slots.set(startMs, slot)
  slot.firstMs = Math.min(slot.firstMs, seen.firstMs)
  slot.lastMs = Math.max(slot.lastMs, seen.lastMs)
  return slot
}

/** Counts of an edge that need nothing but the edge. */
export type EdgeCounts = Pick<EdgeFacts, 'firstMs' | 'lastMs' | 'variants' | 'slots'>

/** The counts of every edge with something in the window, by edge id. */
export async function countEdges(edges: ReadonlyMap<string, EdgeDraft>): Promise<ReadonlyMap<string, EdgeCounts>> {
  const counts = new Map<string, EdgeCounts>()
  for (const draft of edges.values()) {
    if (counts.size % AT_ONCE === AT_ONCE - 1) await breathe()
    if (draft.slots.size > 0) counts.set(draft.edgeId, countsOf(draft))
  }
  return counts
}

function countsOf({ slots }: EdgeDraft): EdgeCounts {
  const ordered = [...slots].sort(([a], [b]) => a - b)
  return {
    firstMs: ordered.reduce((first, [, slot]) => Math.min(first, slot.firstMs), Number.POSITIVE_INFINITY),
    lastMs: ordered.reduce((last, [, slot]) => Math.max(last, slot.lastMs), 0),
    variants: addUp(ordered.flatMap(([, slot]) => slot.variants)),
    slots: ordered.map(
      ([startMs, { variants, spans, refused, firstMs, lastMs }]): SlotFacts => ({
        startMs,
        ...slotCounts(variants),
        spans,
        refused,
        firstMs,
        lastMs,
      }),
    ),
  }
}

/** Each way of reporting once, with its sums over the window, in the order of ids. */
function addUp(rows: readonly VariantRow[]): EdgeVariant[] {
  const sums = new Map<string, VariantRow>()
  for (const row of rows) {
    const sum = sums.get(row.id)
    sums.set(row.id, sum ? added(sum, row) : row)
  }
  return [...sums.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ edgeId: _edge, repeats: _repeats, ...variant }) => variant)
}

const added = (a: VariantRow, b: VariantRow): VariantRow => ({
  ...a,
  counters: {
    connections: a.counters.connections + b.counters.connections,
    events: a.counters.events + b.counters.events,
    requests: a.counters.requests + b.counters.requests,
    requestErrors: a.counters.requestErrors + b.counters.requestErrors,
    spans: 0,
    bytesSent: a.counters.bytesSent + b.counters.bytesSent,
    bytesReceived: a.counters.bytesReceived + b.counters.bytesReceived,
  },
  firstMs: Math.min(a.firstMs, b.firstMs),
  lastMs: Math.max(a.lastMs, b.lastMs),
})
