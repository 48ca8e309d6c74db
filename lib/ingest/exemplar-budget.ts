/** Exemplars kept per edge variant and 15 s, beside the records that are evidence by themselves. */
const PER_BUCKET = 2
const MOST_KEYS = 50_000

/** Counts the exemplars already kept. Bounded: beyond the limit the oldest keys are forgotten, which only keeps a few more. */
export class ExemplarBudget {
  private readonly kept = new Map<string, number>()

  /** True where one more exemplar of `key` may be kept; counts it. */
  take(key: string): boolean {
    const count = this.kept.get(key) ?? 0
    if (count >= PER_BUCKET) return false
    this.kept.set(key, count + 1)
    if (this.kept.size > MOST_KEYS) this.forgetOldest()
    return true
  }

  private forgetOldest(): void {
    let excess = this.kept.size - MOST_KEYS / 2
    for (const key of this.kept.keys()) {
      if (excess-- <= 0) return
      this.kept.delete(key)
    }
  }
}
