import { z } from 'zod'
import type { Flow, Gap } from '@/lib/model/flow'
import { HOUR_MS, SECOND_MS, type UnixMillis } from '@/lib/model/units'

const BUCKET_MS = 15 * SECOND_MS
/** What Goldmane keeps: 240 buckets, and two that are still being filled. formats/calico.md §1.2 */
const RING_MS = HOUR_MS
/** Read again on each connection: late buckets, and clocks that differ. */
const OVERLAP_MS = 60 * SECOND_MS

const cursor = z.object({ bucketMs: z.number().int().positive() })

/**
 * How far a collector has read a ring of buckets that its server forgets after an hour and when it restarts. A reconnect asks
 * for the newest bucket again: where it does not come, what lies between was lost, and that is a gap.
 */
export class BucketPosition {
  private newestMs: UnixMillis | undefined
  /** The newest bucket that the open stream must bring again; undefined once it was looked for. */
  private awaitedMs: UnixMillis | undefined
  private isBeyondRing = false

  constructor(committed: unknown) {
    const parsed = cursor.safeParse(committed)
    if (parsed.success) this.newestMs = parsed.data.bucketMs
  }

  /** Begins a stream and says how many seconds before the server's now it must begin: on the very first start all that it keeps. */
  beginStream(nowMs: UnixMillis): number {
    this.awaitedMs = this.newestMs
    if (this.newestMs === undefined) return RING_MS / SECOND_MS
    const backMs = Math.max(0, nowMs - this.newestMs) + OVERLAP_MS
    this.isBeyondRing = backMs > RING_MS
    return Math.ceil(Math.min(backMs, RING_MS) / SECOND_MS)
  }

  /** Goes on over flows in the order of the stream; answers what turns out to be lost before them. */
  advance(flows: readonly Pick<Flow, 'startMs'>[], nowMs: UnixMillis): Gap[] {
    let [first, newest] = [Number.POSITIVE_INFINITY, this.newestMs ?? 0]
    for (const { startMs } of flows) {
      first = Math.min(first, startMs)
      // A bucket of the future is refused for its time; it must not make the next stream begin there.
      newest = Math.max(newest, Math.min(startMs, nowMs))
    }
    if (flows.length === 0) return []
    const gap = this.gapBefore(first)
    this.newestMs = newest
    return gap ? [gap] : []
  }

  /** To be committed with what was read; null before anything was. */
  cursor(): { readonly bucketMs: UnixMillis } | null {
    return this.newestMs === undefined ? null : { bucketMs: this.newestMs }
  }

  private gapBefore(firstMs: UnixMillis): Gap | undefined {
    const awaited = this.awaitedMs
    this.awaitedMs = undefined
    if (awaited === undefined || firstMs <= awaited) return undefined
    const reason = this.isBeyondRing
      ? 'Goldmane keeps one hour: nobody read it for longer'
      : 'Goldmane restarted: what it held is lost'
    return { source: 'calico', reason, atMs: awaited + BUCKET_MS, endMs: Math.max(firstMs, awaited + 2 * BUCKET_MS) }
  }
}
