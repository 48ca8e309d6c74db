import type { BucketPart } from '@/lib/model/prepared-batch'
import { withTransaction } from '@/lib/store/client'
import { dropPartition, listPartitions, PARTITIONED } from '@/lib/store/partitions'
import { type BucketAddition, saveBuckets } from '@/lib/store/save-buckets'
import { withBenchDatabase } from './bench-database'
import { quantile } from './bench-measure'
import type { Comparison } from './bench-report'

const WRITERS = 4
const TABLE = 'edge_bucket_15s'
const LONGEST_STALL_MS = 100
const SLOT_MS = 15_000

export interface DropOptions {
  readonly serverUrl: string
  readonly nowMs: number
  /** Partitions that are dropped, one after the other, and rows of each. */
  readonly drops: number
  readonly rowsEach: number
  /** Rows of one insert of a writer. */
  readonly rowsPerInsert: number
}

/**
 * Drops partitions while four writers insert into the newest one, as commits do. The stall is how much longer the longest
 * insert took that overlapped a drop than the longest of as many inserts of the same writers without.
 */
export function dropStage(options: DropOptions): Promise<Comparison[]> {
  return withBenchDatabase(options.serverUrl, 'postern_bench_drop', async () => {
    const { nowMs, drops, rowsEach } = options
    for (let index = 1; index <= drops; index += 1)
      await insert(additions(nowMs - index * PARTITIONED[TABLE].widthMs, rowsEach, index))
    const old = (await listPartitions(TABLE)).filter(({ toMs }) => toMs < nowMs)
    const writers = new Writers(options)
    const alone = await writers.during(() => writers.inserted(WRITERS * 10 * drops))
    const dropTimes: number[] = []
    const beside = await writers.during(async () => {
      for (const partition of old) {
        const start = performance.now()
        await dropPartition(partition)
        dropTimes.push(performance.now() - start)
        await writers.inserted(WRITERS * 10)
      }
    })
    const [longestAlone, longestBeside] = [Math.max(...alone), Math.max(...beside)]
    return [
      {
        name: `insert that waits for a drop, of ${WRITERS} writers`,
        note: `longest insert ${longestBeside.toFixed(1)} ms with ${old.length} drops, ${longestAlone.toFixed(1)} ms without`,
        ours: Math.max(0, longestBeside - longestAlone),
        limit: LONGEST_STALL_MS,
        unit: 'ms',
        limitName: 'what a drop may cost an insert',
        goal: { is: 'at most', ratio: 1 },
      },
      {
        name: 'drop of a partition',
        note: `${rowsEach.toLocaleString('en-US')} rows; it waits for who still sees it`,
        ours: quantile(dropTimes, 0.5),
        limit: quantile(alone, 0.5),
        unit: 'ms',
        limitName: 'an insert of a writer',
      },
    ]
  })
}

/** Writers that insert as long as something else goes on, and how long each insert took. */
class Writers {
  private times: number[] = []
  private seed = 0
  private waiting: { readonly count: number; readonly resolve: () => void }[] = []

  constructor(private readonly options: DropOptions) {}

  /** Milliseconds of the inserts that ended while `work` ran, or that it left under way. */
  async during(work: () => Promise<void>): Promise<readonly number[]> {
    this.times = []
    const state = { isOver: false }
    const writer = async (): Promise<void> => {
      while (!state.isOver) {
        this.seed += 1
        const rows = additions(this.options.nowMs, this.options.rowsPerInsert, this.seed)
        const start = performance.now()
        await insert(rows)
        this.times.push(performance.now() - start)
        this.wake()
      }
    }
    const writers = Promise.all(Array.from({ length: WRITERS }, writer))
    // A writer that fails must end what waits for its inserts.
    await Promise.race([work(), writers])
    state.isOver = true
    await writers
    return this.times
  }

  /** Resolves when so many more inserts have ended. */
  inserted(more: number): Promise<void> {
    return new Promise((resolve) => this.waiting.push({ count: this.times.length + more, resolve }))
  }

  private wake(): void {
    const done = this.waiting.filter(({ count }) => count <= this.times.length)
    this.waiting = this.waiting.filter(({ count }) => count > this.times.length)
    for (const { resolve } of done) resolve()
  }
}

const insert = (rows: readonly BucketAddition[]): Promise<void> =>
  withTransaction((client) => saveBuckets(client, rows))

/** Rows of one bucket each, of variants that no other seed has. */
function additions(atMs: number, count: number, seed: number): BucketAddition[] {
  const startMs = Math.floor(atMs / SLOT_MS) * SLOT_MS
  const part: BucketPart = {
    bucketStartMs: startMs,
    grainS: 15,
    connections: 1,
    events: 2,
    requests: 0,
    requestErrors: 0,
    bytesSent: 0,
    bytesReceived: 0,
    firstMs: startMs,
    lastMs: startMs + 1,
  }
  return Array.from({ length: count }, (_, index) => ({
    dataset: '',
    variantId: String(seed * 1_000_000 + index),
    part,
  }))
}
