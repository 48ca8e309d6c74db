import { z } from 'zod'
import type { Flow, Gap } from '@/lib/model/flow'
import { SECOND_MS, type UnixMillis } from '@/lib/model/units'

/** A new stream reads again what is younger than this: Relay sorts what its nodes send within about a second. */
export const OVERLAP_MS = 5 * SECOND_MS
/** Records of one node stand nearly in order; within this the first one may be a little younger than the last one was. */
const DISORDER_MS = SECOND_MS
/** Nodes that are remembered to have spoken last; more are not asked for. */
const MAX_NODES = 500

const cursorSchema = z.object({
  atMs: z.number().int(),
  /** Nodes that spoke within the overlap, with the time of their last record. */
  nodes: z.array(z.tuple([z.string(), z.number()])).max(MAX_NODES),
})
export type RelayCursor = z.infer<typeof cursorSchema>

/** A cursor as it was stored; undefined before the first commit, or where it is none of ours. */
export function readCursor(stored: unknown): RelayCursor | undefined {
  const parsed = cursorSchema.safeParse(stored)
  return parsed.success ? parsed.data : undefined
}

/**
 * How far the streams of one Relay were read, by the records' own times. Relay tells nobody that a ring was overwritten while
 * nobody read it; but a node whose last known record lies within the overlap must send that record again. Where it begins
 * later, records may be missing, and that stretch is a gap.
 */
export class StreamPosition {
  private lastOf: Map<string, UnixMillis>
  /** Nodes that this stream must repeat, until they speak. */
  private expected = new Map<string, UnixMillis>()
  private isFirstOfStream = true

  constructor(
    private atMs: UnixMillis | undefined,
    nodes: RelayCursor['nodes'] = [],
  ) {
    this.lastOf = new Map(nodes)
  }

  /** Where the next stream begins; undefined before the first record. */
  get sinceMs(): UnixMillis | undefined {
    return this.atMs === undefined ? undefined : this.atMs - OVERLAP_MS
  }

  isBeyond(atMs: UnixMillis): boolean {
    return this.atMs !== undefined && this.atMs > atMs
  }

  /** A new stream begins at `sinceMs`. */
  beginStream(): void {
    this.expected = new Map(this.lastOf)
    this.isFirstOfStream = true
  }

  /** Takes the flows of a batch in their order; answers the stretches that may be missing before them. */
  advance(flows: readonly Flow[], nowMs: UnixMillis): Gap[] {
    const gaps: Gap[] = []
    for (const flow of flows) {
      const node = flow.node ?? ''
      const gap = this.missingBefore(node, flow.startMs)
      if (gap) gaps.push(gap)
      this.expected.delete(node)
      this.isFirstOfStream = false
      this.lastOf.set(node, Math.max(flow.startMs, this.lastOf.get(node) ?? flow.startMs))
      // A node whose clock is fast must not carry the cursor beyond what the others have sent.
      this.atMs = Math.max(this.atMs ?? Number.NEGATIVE_INFINITY, Math.min(flow.startMs, nowMs))
    }
    this.forgetQuietNodes()
    return gaps
  }

  cursor(): RelayCursor | null {
    if (this.atMs === undefined) return null
    return { atMs: this.atMs, nodes: [...this.lastOf].slice(-MAX_NODES) }
  }

  private missingBefore(node: string, startMs: UnixMillis): Gap | undefined {
    const lastMs = this.expected.get(node) ?? (this.isFirstOfStream ? this.atMs : undefined)
    if (lastMs === undefined || startMs <= lastMs + DISORDER_MS) return undefined
    return {
      source: 'hubble',
      reason: 'possibly missed: the ring buffer was overwritten while Postern was not connected',
      atMs: lastMs,
      endMs: startMs,
      ...(node && this.expected.has(node) && { node }),
    }
  }

  private forgetQuietNodes(): void {
    const sinceMs = this.sinceMs
    if (sinceMs === undefined) return
    for (const [node, lastMs] of this.lastOf) if (lastMs < sinceMs) this.lastOf.delete(node)
  }
}
