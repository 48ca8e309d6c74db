import type { WatchedKind } from '@/lib/sources/kubernetes/kinds'
import { type OwnerRef, readMeta } from '@/lib/sources/kubernetes/object-meta'
import type { InventoryQueue } from './inventory-queue'
import type { KindSink } from './watch-kind'

/** Who controls a ReplicaSet or a Job, by uid: the way from a pod to its top owner. Kept in memory only. */
export class OwnerSink implements KindSink {
  private owners = new Map<string, OwnerRef>()
  private listed: Map<string, OwnerRef> | undefined

  constructor(
    private readonly kind: WatchedKind,
    private readonly queue: InventoryQueue,
    private readonly now: () => number,
  ) {}

  readonly ownerOf = (uid: string): OwnerRef | undefined => this.owners.get(uid) ?? this.listed?.get(uid)

  listStarts(): void {
    this.listed = new Map()
  }

  async put(object: unknown): Promise<void> {
    const meta = readMeta(object)
    if (!meta) return this.reject('bad_value')
    const into = this.listed ?? this.owners
    if (meta.controller) into.set(meta.uid, meta.controller)
    else into.delete(meta.uid)
  }

  async remove(object: unknown): Promise<void> {
    const meta = readMeta(object)
    if (meta) this.owners.delete(meta.uid)
  }

  async listEnds(): Promise<void> {
    this.owners = this.listed ?? this.owners
    this.listed = undefined
    this.contact()
  }

  contact(): void {
    this.queue.contact(this.kind.kind, this.now())
  }

  reject(reason: 'line_too_long' | 'not_json' | 'bad_value'): void {
    this.queue.reject(reason)
  }
}
