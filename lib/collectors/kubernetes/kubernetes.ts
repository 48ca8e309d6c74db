import { setMaxListeners } from 'node:events'
import { HOUR_MS } from '@/lib/model/units'
import { WATCHED_KINDS, type WatchedKind } from '@/lib/sources/kubernetes/kinds'
import { forgetOldInventory, inventorySyncedUntil } from '@/lib/usecases/keep-inventory'
import type { Collector, CollectorContext } from '../collector'
import { pause } from '../pause'
import { ApiClient } from './api-client'
import { type AccessSettings, ClusterAccess } from './cluster-access'
import { InventoryQueue } from './inventory-queue'
import { inventoryStatus } from './inventory-status'
import { ObjectSink } from './object-sink'
import { OwnerSink } from './owner-sink'
import { PodSink } from './pod-sink'
import { type KindSink, type KindState, KindWatcher, WATCH_TIMES, type WatchTimes } from './watch-kind'
import { WorkloadBook } from './workload-book'

export interface KubernetesSettings extends AccessSettings {
  readonly name: string
  readonly cluster: string
}

/** Pods are read once owners are, so that their first sighting names the top owner; but not later than this. */
const OWNERS_FIRST_MS = 20_000

/**
 * The Kubernetes inventory: lists and watches the kinds of WATCHED_KINDS, read-only, each in a loop of its own, so that one
 * kind that is missing or forbidden stops no other. It works without any of them, with less (docs/kubernetes.md).
 */
export function createKubernetesCollector(
  settings: KubernetesSettings,
  defaults: { readonly evidenceMs: number },
  times: WatchTimes = WATCH_TIMES,
): Collector {
  return {
    name: settings.name,
    kind: 'kubernetes',
    source: 'kubernetes',
    cluster: settings.cluster,
    isExclusive: true,
    run: (context) => new InventoryRun(settings, defaults.evidenceMs, times, context).run(),
  }
}

class InventoryRun {
  private readonly ending = new AbortController()
  private readonly signal: AbortSignal
  private readonly states = new Map<WatchedKind, KindState>(WATCHED_KINDS.map((kind) => [kind, { is: 'starting' }]))
  private readonly firstWords = new Map<WatchedKind, () => void>()
  private address: string | undefined
  private isDatabaseAway = false

  constructor(
    private readonly settings: KubernetesSettings,
    private readonly evidenceMs: number,
    private readonly times: WatchTimes,
    private readonly context: CollectorContext,
  ) {
    this.signal = AbortSignal.any([context.signal, this.ending.signal])
    // Each kind waits on it.
    setMaxListeners(0, this.signal)
  }

  async run(): Promise<void> {
    const { now } = this.context
    const access = new ClusterAccess(this.settings, now)
    this.address = new URL((await access.open()).server).host
    this.reportStatus()
    const synced = await inventorySyncedUntil(this.settings.cluster)
    const queue = new InventoryQueue(this.settings.cluster, now, this.signal, undefined, (isAway) => {
      if (this.isDatabaseAway === isAway) return
      this.isDatabaseAway = isAway
      this.reportStatus()
    })
    const client = new ApiClient(access)
    const owners = WATCHED_KINDS.filter((kind) => kind.use === 'owner').map((kind) => ({
      kind,
      sink: new OwnerSink(kind, queue, now),
    }))
    const ownerOf = (uid: string) => {
      for (const { sink } of owners) {
        const owner = sink.ownerOf(uid)
        if (owner) return owner
      }
      return undefined
    }
    const sinkOf = (kind: WatchedKind): KindSink =>
      kind.use === 'pod'
        ? new PodSink(ownerOf, new WorkloadBook(queue), queue, now, synced.get(kind.kind))
        : new ObjectSink(kind, queue, now)
    const ownersRead = Promise.all(owners.map(({ kind }) => this.firstWord(kind)))
    const rest = async () => {
      await Promise.race([ownersRead, pause(OWNERS_FIRST_MS, this.signal)])
      await Promise.all(
        WATCHED_KINDS.filter((kind) => kind.use !== 'owner').map((kind) => this.watch(kind, sinkOf(kind), client)),
      )
    }
    // One that throws has a fault of its own: all end, and the supervisor starts anew.
    const tasks = [
      ...owners.map(({ kind, sink }) => this.watch(kind, sink, client)),
      rest(),
      queue.run(),
      this.forgetNowAndThen(),
    ]
    try {
      await Promise.all(tasks)
    } finally {
      this.ending.abort()
      await Promise.allSettled(tasks)
    }
  }

  private watch(kind: WatchedKind, sink: KindSink, client: ApiClient): Promise<void> {
    const report = (state: KindState) => {
      this.states.set(kind, state)
      this.firstWords.get(kind)?.()
      this.reportStatus()
    }
    return new KindWatcher(kind, client, sink, report, this.times, Math.random).run(this.signal)
  }

  private firstWord(kind: WatchedKind): Promise<void> {
    return new Promise((resolve) => this.firstWords.set(kind, resolve))
  }

  private reportStatus(): void {
    if (!this.signal.aborted) this.context.report(inventoryStatus(this.states, this.address, this.isDatabaseAway))
  }

  private async forgetNowAndThen(): Promise<void> {
    while (!this.signal.aborted) {
      // What could not be deleted now is deleted in an hour.
      await forgetOldInventory(this.settings.cluster, this.context.now() - this.evidenceMs).catch(() => undefined)
      await pause(HOUR_MS, this.signal)
    }
  }
}
