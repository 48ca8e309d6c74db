import 'server-only'
import { planFrames } from '@/lib/graph/plan-frames'
import type { EdgeRow, VariantRow } from '@/lib/model/graph-input'
import { LIMITS } from '@/lib/model/limits'
import type { TimeRange } from '@/lib/model/time-range'
import type { FrameGrid, KeptSince } from '@/lib/model/timeline'
import { loadKeptSince } from '@/lib/store/bucket-floors'
import { loadFrameSums } from '@/lib/store/load-frame-sums'
import { loadVariants } from '@/lib/store/load-variants'

export interface FramedVariants {
  readonly frames: FrameGrid
  /** Of each frame, by edge id, what was said of the edge in it. */
  readonly variants: readonly ReadonlyMap<string, readonly VariantRow[]>[]
  readonly edges: ReadonlyMap<string, EdgeRow>
  readonly hasLongRecords: boolean
  readonly kept: KeptSince
}

/** How many frames so many variants leave room for. */
const framesFor = (most: number, variants: number): number =>
  Math.max(1, Math.min(most, Math.floor(LIMITS.frameRows / Math.max(1, variants))))

/**
 * What was said of each edge, frame by frame, of the variants that have a record in the window: `most` frames, or as many as
 * LIMITS.frameRows leaves them. Errors: `unavailable`.
 */
export async function loadFramedVariants(
  request: { readonly dataset: string; readonly window: TimeRange; readonly cluster?: string },
  variantIds: readonly string[],
  most: number,
): Promise<FramedVariants> {
  const { dataset, window, cluster } = request
  const known = (await loadVariants(variantIds)).flatMap((variant) =>
    variant && (!cluster || variant.edge.cluster === cluster) ? [variant] : [],
  )
  const kept = await loadKeptSince(dataset)
  const frames = planFrames(window, framesFor(most, known.length), kept)
  const only = known.length < variantIds.length ? known.map(({ id }) => id) : undefined
  const { sums, hasLongRecords } = await loadFrameSums(dataset, frames, only)
  const byId = new Map(known.map((variant) => [variant.id, variant]))
  const variants = Array.from({ length: frames.count }, () => new Map<string, VariantRow[]>())
  for (const { variantId, frame, counters, firstMs, lastMs } of sums) {
    const variant = byId.get(variantId)
    const edges = variants[frame]
    if (!variant || !edges) continue
    const rows = edges.get(variant.edge.id) ?? []
    edges.set(variant.edge.id, rows)
    rows.push({ ...variant.row, counters, firstMs, lastMs })
  }
  return {
    frames,
    variants,
    edges: new Map(known.map(({ edge }) => [edge.id, edge])),
    hasLongRecords,
    kept: keptOf(kept),
  }
}

const keptOf = ({ slots, minutes, hours }: Awaited<ReturnType<typeof loadKeptSince>>): KeptSince => ({
  ...(Number.isFinite(slots) && { slotsMs: slots }),
  ...(Number.isFinite(minutes) && { minutesMs: minutes }),
  ...(Number.isFinite(hours) && { hoursMs: hours }),
})
