import 'server-only'
import { createHash, hash } from 'node:crypto'
import type { DecodeResult } from '@/lib/model/decoded'
import type { IngestResult } from '@/lib/model/ingest-result'
import { contentKey } from '@/lib/model/siblings'
import { MINUTE_MS } from '@/lib/model/units'
import { loadPullPosition } from '@/lib/store/collectors'
import { commitDecoded } from './commit-decoded'
import { observeIngest } from './observe-ingest'

export interface PullSettings {
  /** Name of the collector; its row must exist (`saveCollector`). Only one process at a time may pull by a name. */
  readonly collector: string
  readonly source: 'hubble' | 'calico'
  /** Cluster of the collector's settings: it stands above what records say. */
  readonly cluster: string
  readonly defaultCluster: string
  readonly retentionMs: number
  /** How far back a reconnect may read again; what was seen before is forgotten. */
  readonly overlapMs: number
}

export interface Puller {
  /** As committed last; null before the first commit. */
  readonly cursor: unknown
  /**
   * Commits records with the cursor behind them, in one transaction, and answers after COMMIT. Records that an earlier
   * commit brought (by record key, within the overlap) are counted as duplicates and change nothing; Calico's with grown
   * counters replace what is stored. Call it for one batch
   * after the other. Errors: `unavailable`: nothing is known to be stored; call again with the same batch, which then counts
   * once. `conflict`: another process pulls by this name; open the pull again.
   */
  commit(decoded: DecodeResult, cursor: unknown, nowMs: number): Promise<IngestResult>
}

/** A record from further ahead is refused for its time; its key is not kept until that time. */
const KEPT_AHEAD_MS = 10 * MINUTE_MS
/** The memory is swept each time that it has doubled. */
const SWEEP_FROM = 10_000

const hashOf = (recordKey: string): string => hash('sha256', recordKey, 'buffer').readBigInt64BE(0).toString()

/** Takes up a pull where it was committed last. Errors: `unavailable`. */
export async function openPull(settings: PullSettings): Promise<Puller> {
  const position = await loadPullPosition(settings.collector)
  return new PullInProgress(settings, position.cursor, new Map(position.seen.map((one) => [one.hash, one.atMs])))
}

class PullInProgress implements Puller {
  /** Of the records committed here, but never ahead of our clock: one node's fast clock must not make others' keys forgotten. */
  private newestMs = 0
  private sweepAt = SWEEP_FROM

  constructor(
    private readonly settings: PullSettings,
    public cursor: unknown,
    private readonly seen: Map<string, number>,
  ) {}

  commit(decoded: DecodeResult, cursor: unknown, nowMs: number): Promise<IngestResult> {
    return observeIngest(this.settings.source, async () => {
      const fresh = new Map<string, number>()
      const keys = createHash('sha256').update(this.settings.collector)
      const flows = decoded.flows.filter((flow) => {
        // A record told again with grown counters is news: the store replaces what it knows.
        const key = contentKey(flow)
        keys.update(key)
        const one = hashOf(key)
        if (this.seen.has(one) || fresh.has(one)) return false
        fresh.set(one, Math.min(flow.endMs, nowMs + KEPT_AHEAD_MS))
        return true
      })
      // Gaps and counts are part of the batch too: one without flows must not look like another one.
      keys.update(JSON.stringify([decoded.gaps, decoded.rejects, decoded.ignored, cursor]))
      const newestMs = [...fresh.values()].reduce(
        (newest, atMs) => Math.max(newest, Math.min(atMs, nowMs)),
        this.newestMs,
      )
      const seen = [...fresh].map(([one, atMs]) => ({ hash: one, atMs }))
      const { collector, source, cluster, defaultCluster, retentionMs, overlapMs } = this.settings
      const result = await commitDecoded({
        source,
        decoded: { ...decoded, flows },
        sha256: keys.digest(),
        tokenId: `collector:${collector}`,
        tokenCluster: cluster,
        defaultCluster,
        dataset: '',
        retentionMs,
        nowMs,
        pull: { collector, cursor, seen, forgetBeforeMs: newestMs - overlapMs },
      })
      this.remember(fresh, newestMs)
      this.cursor = cursor
      const repeated = decoded.flows.length - flows.length
      return { ...result, duplicates: result.duplicates + repeated }
    })
  }

  private remember(fresh: ReadonlyMap<string, number>, newestMs: number): void {
    for (const [one, atMs] of fresh) this.seen.set(one, atMs)
    this.newestMs = newestMs
    if (this.seen.size < this.sweepAt) return
    const before = newestMs - this.settings.overlapMs
    for (const [one, atMs] of this.seen) if (atMs < before) this.seen.delete(one)
    this.sweepAt = Math.max(SWEEP_FROM, 2 * this.seen.size)
  }
}
