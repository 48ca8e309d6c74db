import type { PodSighting } from '@/lib/model/inventory'
import { type ObjectMeta, type OwnerRef, readMeta } from '@/lib/sources/kubernetes/object-meta'
import { readPod } from '@/lib/sources/kubernetes/read-pod'
import type { InventoryQueue } from './inventory-queue'
import type { KindSink } from './watch-kind'
import type { WorkloadBook } from './workload-book'

interface Known {
  /** Everything of the pod that is stored. */
  readonly signature: string
  /** When it was last seen with it. */
  seenMs: number
}

/** Pods, which become leases of addresses and owners. In memory stand uids and what is stored of them, never the pods. */
export class PodSink implements KindSink {
  private known = new Map<string, Known>()
  private listed: Set<string> | undefined
  private contactMs: number | undefined
  private hasListed = false

  constructor(
    private readonly ownerOf: (uid: string) => OwnerRef | undefined,
    private readonly workloads: WorkloadBook,
    private readonly queue: InventoryQueue,
    private readonly now: () => number,
    /** Until when an earlier run stored the pods; undefined = none did. */
    private readonly earlierMs: number | undefined,
  ) {}

  listStarts(): void {
    this.listed = new Set()
    this.workloads.listStarts()
  }

  async put(raw: unknown): Promise<void> {
    const atMs = this.now()
    const pod = readPod(raw, this.ownerOf, atMs)
    if (!pod) return this.reject('bad_value')
    const { sighting, meta } = pod
    this.listed?.add(sighting.uid)
    const before = this.known.get(sighting.uid)
    const signature = signatureOf(sighting)
    if (before?.signature === signature) {
      before.seenMs = atMs
      if (this.listed) await this.workloads.see(meta, sighting, pod.serviceAccount, atMs)
      return
    }
    this.known.set(sighting.uid, { signature, seenMs: atMs })
    if (!before || this.listed) await this.workloads.see(meta, sighting, pod.serviceAccount, atMs)
    // When its address was free again is not known: then it is not known whose it was.
    const isVague = !before && sighting.endedMs !== undefined && !pod.isEndKnown
    const told = {
      ...sighting,
      fromMs: Math.max(sighting.fromMs, before?.seenMs ?? 0),
      ...(isVague && { ips: [], endedMs: this.earlierMs ?? sighting.endedMs }),
    }
    await this.queue.push({ what: 'pod', pod: told, atMs }, 500)
  }

  async remove(raw: unknown): Promise<void> {
    const meta: ObjectMeta | undefined = readMeta(raw)
    if (!meta) return this.reject('bad_value')
    this.known.delete(meta.uid)
    await this.queue.push({ what: 'pod-gone', uid: meta.uid, atMs: this.now() })
  }

  async listEnds(isAfterGap: boolean): Promise<void> {
    const atMs = this.now()
    const listed = this.listed ?? new Set<string>()
    this.listed = undefined
    for (const uid of this.known.keys()) if (!listed.has(uid)) this.known.delete(uid)
    const sinceMs = this.hasListed ? this.contactMs : this.earlierMs
    if (sinceMs !== undefined && (isAfterGap || !this.hasListed))
      this.queue.gap({
        source: 'kubernetes',
        node: 'Pod',
        reason: isAfterGap ? 'watch expired' : 'nobody watched',
        atMs: sinceMs,
        endMs: atMs,
      })
    this.hasListed = true
    await this.queue.push(
      { what: 'pods-listed', uids: [...listed], heldUntilMs: Math.min(sinceMs ?? atMs, atMs), atMs },
      50 * listed.size,
    )
    await this.workloads.listEnds(atMs)
    this.contact()
  }

  contact(): void {
    this.contactMs = this.now()
    this.queue.contact('Pod', this.contactMs)
  }

  reject(reason: 'line_too_long' | 'not_json' | 'bad_value'): void {
    this.queue.reject(reason)
  }
}

const signatureOf = ({ ips, workload, workloadKind, node, hostNetwork, endedMs }: PodSighting): string =>
  JSON.stringify([ips, workload, workloadKind, node ?? '', hostNetwork, endedMs !== undefined])
