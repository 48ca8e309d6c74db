import { bucketParts } from '@/lib/model/bucket-parts'
import type { Flow } from '@/lib/model/flow'
import type { BucketPart, BucketSum, ClusteredFlow } from '@/lib/model/prepared-batch'
import { bucketStartMs } from '@/lib/model/time-range'
import { forgetSums, type MutableSum, type Variant } from './variant-key'

/** Sums records per edge variant and bucket. Order of input does not matter to the sums. */
export class EdgeAccumulator {
  private readonly sums: BucketSum[] = []
  private readonly variants: Variant[] = []

  /** `sample` is asked for once per variant: any of its flows will do. */
  add(variant: Variant, flow: Flow, sample: () => ClusteredFlow): void {
    if (flow.startMs !== flow.endMs) {
      for (const part of bucketParts(flow)) this.addPart(variant, part, sample)
      return
    }
    const start = bucketStartMs(flow.startMs, 15)
    const sum = sumAt(variant, start, 15)
    if (sum === undefined) for (const part of bucketParts(flow)) this.addPart(variant, part, sample)
    else {
      addCounts(sum, flow.counts)
      if (flow.startMs < sum.firstMs) sum.firstMs = flow.startMs
      if (flow.endMs > sum.lastMs) sum.lastMs = flow.endMs
    }
  }

  /** Answers the sums; the variants let go of them. */
  finish(): BucketSum[] {
    for (const variant of this.variants) forgetSums(variant)
    return this.sums
  }

  private addPart(variant: Variant, part: BucketPart, sample: () => ClusteredFlow): void {
    const sum = sumAt(variant, part.bucketStartMs, part.grainS)
    if (sum === undefined) {
      variant.sample ??= sample()
      this.open(variant, { ...part, variantKey: variant.key, flow: variant.sample })
      return
    }
    addCounts(sum, part)
    sum.firstMs = Math.min(sum.firstMs, part.firstMs)
    sum.lastMs = Math.max(sum.lastMs, part.lastMs)
  }

  private open(variant: Variant, sum: MutableSum): void {
    if (variant.lastSum !== undefined) {
      variant.moreSums ??= new Map([[keyOf(variant.lastSum.bucketStartMs, variant.lastSum.grainS), variant.lastSum]])
      variant.moreSums.set(keyOf(sum.bucketStartMs, sum.grainS), sum)
    } else this.variants.push(variant)
    variant.lastSum = sum
    this.sums.push(sum)
  }
}

/** Buckets begin at whole multiples of 15,000 ms, so that a grain in seconds can stand in their last digits. */
const keyOf = (startMs: number, grainS: number): number => startMs + grainS

function sumAt(variant: Variant, startMs: number, grainS: number): MutableSum | undefined {
  const { lastSum } = variant
  if (lastSum === undefined || (lastSum.bucketStartMs === startMs && lastSum.grainS === grainS)) return lastSum
  const sum = variant.moreSums?.get(keyOf(startMs, grainS))
  if (sum !== undefined) variant.lastSum = sum
  return sum
}

function addCounts(sum: MutableSum, counts: Flow['counts']): void {
  sum.connections += counts.connections
  sum.events += counts.events
  sum.requests += counts.requests
  sum.requestErrors += counts.requestErrors
  sum.bytesSent += counts.bytesSent
  sum.bytesReceived += counts.bytesReceived
}
