import type { FlowCounts } from '@/lib/model/flow'
import type { BucketPart, BucketSum, ClusteredFlow } from '@/lib/model/prepared-batch'

type MutableSum = { -readonly [Key in keyof BucketSum]: BucketSum[Key] }

/** Sums records per edge variant and bucket. Order of input does not matter to the sums. */
export class EdgeAccumulator {
  private readonly sums = new Map<string, MutableSum>()
  private readonly samples = new Map<string, ClusteredFlow>()

  /** `sample` is asked for once per variant: any of its flows will do. */
  add(variantKey: string, parts: readonly BucketPart[], sample: () => ClusteredFlow): void {
    for (const part of parts) {
      const key = `${part.grainS}\n${part.bucketStartMs}\n${variantKey}`
      const sum = this.sums.get(key)
      if (sum) addTo(sum, part)
      else this.sums.set(key, { ...part, variantKey, flow: this.sampleOf(variantKey, sample) })
    }
  }

  finish(): BucketSum[] {
    return [...this.sums.values()]
  }

  private sampleOf(variantKey: string, sample: () => ClusteredFlow): ClusteredFlow {
    const known = this.samples.get(variantKey)
    if (known) return known
    const flow = sample()
    this.samples.set(variantKey, flow)
    return flow
  }
}

const COUNTS = [
  'connections',
  'events',
  'requests',
  'requestErrors',
  'bytesSent',
  'bytesReceived',
] as const satisfies readonly (keyof FlowCounts)[]

function addTo(sum: MutableSum, part: BucketPart): void {
  for (const count of COUNTS) sum[count] += part[count]
  sum.firstMs = Math.min(sum.firstMs, part.firstMs)
  sum.lastMs = Math.max(sum.lastMs, part.lastMs)
}
