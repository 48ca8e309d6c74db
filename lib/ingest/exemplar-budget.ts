/** Exemplars kept per edge variant and 15 s, beside the records that are evidence by themselves. */
const PER_BUCKET = 2
const MOST_KEYS = 50_000

/** Counts the exemplars already kept. Bounded: beyond the limit the oldest buckets are forgotten, which only keeps a few more. */
export class ExemplarBudget {
  /** By the start of the 15 s, then by variant. */
  private readonly kept = new Map<number, Map<string, number>>()
  private size = 0

  /** True where one more exemplar of this variant and 15 s may be kept; counts it. */
  take(variantKey: string, bucketStartMs: number): boolean {
    const bucket = this.kept.get(bucketStartMs) ?? this.open(bucketStartMs)
    const count = bucket.get(variantKey)
    if (count === undefined) {
      this.size += 1
      bucket.set(variantKey, 1)
      if (this.size > MOST_KEYS) this.forgetOldest()
      return true
    }
    if (count >= PER_BUCKET) return false
    bucket.set(variantKey, count + 1)
    return true
  }

  private open(bucketStartMs: number): Map<string, number> {
    const bucket = new Map<string, number>()
    this.kept.set(bucketStartMs, bucket)
    return bucket
  }

  /** A bucket at a time: one that is too large by itself goes as a whole. */
  private forgetOldest(): void {
    for (const [start, bucket] of this.kept) {
      if (this.size <= MOST_KEYS / 2) return
      this.size -= bucket.size
      this.kept.delete(start)
    }
  }
}
