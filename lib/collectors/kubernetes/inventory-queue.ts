import { isAppError } from '@/lib/errors'
import type { RejectReason } from '@/lib/model/decoded'
import type { Gap } from '@/lib/model/flow'
import type { InventoryChange } from '@/lib/model/inventory'
import { LIMITS } from '@/lib/model/limits'
import { logger } from '@/lib/observability/logger'
import { keepInventory } from '@/lib/usecases/keep-inventory'
import { pause } from '../pause'

/** Changes of one commit. */
const BATCH = 2000
const BATCH_BYTES = LIMITS.inventoryWaitingBytes / 2
/** Changes come in bursts: they share a commit. */
const SETTLE_MS = 200
/** Without changes, what is synced is written this often. */
const QUIET_MS = 15_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

interface Waiting {
  readonly change: InventoryChange
  readonly bytes: number
}

/**
 * Changes on their way to the database, in order, bounded in number and bytes: `push` waits while it is full, so that watches
 * are not read faster than they are stored. What cannot be stored for itself is refused alone and counted.
 */
export class InventoryQueue {
  private waiting: Waiting[] = []
  private bytes = 0
  private readonly contacts = new Map<string, number>()
  private rejects: Partial<Record<RejectReason, number>> = {}
  private gaps: Gap[] = []
  private readonly wakeUps = new Set<() => void>()
  private readonly room = new Set<() => void>()

  constructor(
    private readonly cluster: string,
    private readonly now: () => number,
    private readonly signal: AbortSignal,
    private readonly keep: typeof keepInventory = keepInventory,
    /** Told when the database does not take a batch, and when it takes one again. */
    private readonly onDatabase: (isAway: boolean) => void = () => undefined,
  ) {
    signal.addEventListener('abort', () => {
      call(this.wakeUps)
      call(this.room)
    })
  }

  /** Takes a change of about so many bytes, as soon as there is room. */
  async push(change: InventoryChange, bytes = 200): Promise<void> {
    while (!this.signal.aborted && this.waiting.length > 0 && this.isFull(bytes))
      await new Promise<void>((resolve) => this.room.add(resolve))
    this.waiting.push({ change, bytes })
    this.bytes += bytes
    call(this.wakeUps)
  }

  /** All that a kind's watch told until now was pushed. */
  contact(kind: string, atMs: number): void {
    this.contacts.set(kind, atMs)
  }

  reject(reason: RejectReason): void {
    this.rejects[reason] = (this.rejects[reason] ?? 0) + 1
  }

  gap(gap: Gap): void {
    this.gaps.push(gap)
  }

  /** Commits until the signal aborts, then once more what waits. Never throws. */
  async run(): Promise<void> {
    while (!this.signal.aborted) {
      await this.settle()
      do await this.flush(true)
      while (this.waiting.length > 0 && !this.signal.aborted)
    }
    await this.flush(false)
  }

  private isFull(bytes: number): boolean {
    return this.bytes + bytes > LIMITS.inventoryWaitingBytes || this.waiting.length >= 2 * BATCH
  }

  private async settle(): Promise<void> {
    if (this.waiting.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, QUIET_MS)
        this.wakeUps.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    await pause(SETTLE_MS, this.signal)
  }

  private async flush(isPatient: boolean): Promise<void> {
    const changes = this.take()
    // What still waits is not stored, so the contacts since then say too much.
    const synced = this.waiting.length === 0 ? [...this.contacts].map(([kind, atMs]) => ({ kind, atMs })) : []
    if (synced.length > 0) this.contacts.clear()
    const { rejects, gaps } = this
    this.rejects = {}
    this.gaps = []
    if (changes.length + synced.length + gaps.length === 0 && Object.keys(rejects).length === 0) return
    await this.commit({ cluster: this.cluster, changes, synced, rejects, gaps, nowMs: this.now() }, isPatient)
  }

  private take(): InventoryChange[] {
    let bytes = 0
    let count = 0
    for (const item of this.waiting) {
      if (count > 0 && (count === BATCH || bytes + item.bytes > BATCH_BYTES)) break
      bytes += item.bytes
      count += 1
    }
    const taken = this.waiting.splice(0, count)
    this.bytes -= bytes
    call(this.room)
    return taken.map(({ change }) => change)
  }

  private async commit(batch: Parameters<typeof keepInventory>[0], isPatient: boolean): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.keep(batch)
        this.onDatabase(false)
        return
      } catch (error) {
        const isPassing = isAppError(error) && error.code === 'unavailable'
        this.onDatabase(isPassing)
        if (!isPassing) return this.commitParts(batch, error, isPatient)
        if (!isPatient || this.signal.aborted) return
        await pause(pauseMs, this.signal)
      }
    }
  }

  /** Halves the batch until the one change that the database refuses stands alone. */
  private async commitParts(
    batch: Parameters<typeof keepInventory>[0],
    error: unknown,
    isPatient: boolean,
  ): Promise<void> {
    const { changes } = batch
    if (changes.length < 2) {
      logger().warn({ cluster: this.cluster, error }, 'a change of the inventory cannot be stored')
      this.reject('bad_value')
      return
    }
    const middle = Math.ceil(changes.length / 2)
    await this.commit({ ...batch, changes: changes.slice(0, middle), synced: [], rejects: {}, gaps: [] }, isPatient)
    await this.commit({ ...batch, changes: changes.slice(middle) }, isPatient)
  }
}

function call(listeners: Set<() => void>): void {
  const all = [...listeners]
  listeners.clear()
  for (const listener of all) listener()
}
