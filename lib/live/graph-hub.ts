import 'server-only'
import { randomBytes } from 'node:crypto'
import type { DrawnAs } from '@/lib/graph/choose-level'
import type { EncodedParts } from '@/lib/graph/diff-graph'
import type { GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { LIMITS } from '@/lib/model/limits'
import type { Watch } from './client-stream'
import { RefreshQueue } from './refresh-queue'
import { type ChangedScope, concern, type GraphSource, sourceKey, sourceOf, viewKey } from './view-keys'
import { type ViewListener, WatchedView } from './watched-view'

/** What changed since it was last asked; `everything` where that cannot be known. */
export type Changes = 'everything' | readonly ChangedScope[]

export interface HubDependencies {
  /** The whole graph of a window, at this moment. */
  load(source: GraphSource): Promise<ServiceGraph>
  /** What was committed since the last call that answered. A change is told once its effect can be read, never before. */
  changes(): Promise<Changes>
  /** Calls back soon after a commit that can change a graph; calls may get lost, `changes` is asked by the clock too. */
  listen(onChange: () => void): void
}

/** Commits that come closer together than this are drawn together. */
const SETTLE_MS = 250
/** A change whose notification was lost is found at the latest then. */
const POLL_MS = 2000
/** A moving window loses old edges even when nothing arrives. */
const TICK_MS = 10_000
/** A fixed window changes only by commits, and by retention, which tells nobody. */
const FIXED_TICKS = 6
/** Heavy reads at a time: sixty views must not take every connection of the pool. */
const PARALLEL = 2

/** One window of one dataset, and the views that are cut from its graph. */
class WatchedSource {
  readonly views = new Map<string, WatchedView>()
  graph: ServiceGraph | undefined
  parts: EncodedParts = new WeakMap()
  /** True where it may differ from the database in what nobody waits for: the next tick draws it again. */
  isStale = false

  constructor(
    readonly source: GraphSource,
    private readonly load: HubDependencies['load'],
  ) {}

  get isMoving(): boolean {
    return this.source.toMs === undefined
  }

  /** Draws the graph and tells every view. Where that fails, browsers keep what they have. */
  async run(): Promise<void> {
    if (this.views.size === 0) return
    try {
      this.graph = await this.load(this.source)
      this.isStale = false
    } catch (error) {
      this.isStale = true
      throw error
    }
    this.parts = new WeakMap()
    for (const view of this.views.values()) view.update(this.graph, this.parts)
  }
}

/**
 * One graph per distinct window and one cut of it per distinct view, however many browsers look: drawn again when a commit
 * concerns it, sent as patches whose bytes all browsers of the view share.
 */
export class GraphHub {
  private readonly sources = new Map<string, WatchedSource>()
  private readonly queue = new RefreshQueue(PARALLEL)
  /** Tells this process's events from those of another that the same browser may have come from. */
  private readonly name = randomBytes(4).toString('hex')
  private events = 0
  private ticks = 0
  private settling: ReturnType<typeof setTimeout> | undefined
  private isLooking = false
  private isLookWanted = false

  constructor(private readonly dependencies: HubDependencies) {
    dependencies.listen(() => this.changed())
    setInterval(() => void this.look(), POLL_MS).unref()
    setInterval(() => this.tick(), TICK_MS).unref()
  }

  /** Whether one more view of this query's window would be within the limit of windows. */
  hasRoomFor(query: GraphQuery): boolean {
    return this.sources.size < LIMITS.streamWindows || this.sources.has(sourceKey(sourceOf(query)))
  }

  /**
   * Calls `listener` with what a browser lacks that has seen `lastEventId`, or with a snapshot, then with every patch, until the
   * watch is stopped.
   */
  watch(query: GraphQuery, lastEventId: string, listener: ViewListener): Watch {
    const source = this.watchedSource(query)
    const key = viewKey(query)
    const view = source.views.get(key) ?? this.addView(source, key, query)
    const missed = view.eventsAfter(lastEventId)
    const first = view.snapshotEvent()
    if (missed) for (const event of missed) listener(event)
    else if (first) listener(first)
    view.listeners.add(listener)
    return {
      snapshot: () => view.snapshotEvent(),
      stop: () => {
        view.listeners.delete(listener)
        if (view.listeners.size > 0 || source.views.get(key) !== view) return
        source.views.delete(key)
        if (source.views.size === 0) this.sources.delete(sourceKey(source.source))
      },
    }
  }

  /** How a view that somebody watches is drawn, so that who asks for it once gets it alike; undefined where nobody watches it. */
  drawnAs(query: GraphQuery): DrawnAs | undefined {
    return this.sources.get(sourceKey(sourceOf(query)))?.views.get(viewKey(query))?.drawnAs
  }

  private watchedSource(query: GraphQuery): WatchedSource {
    const wanted = sourceOf(query)
    const key = sourceKey(wanted)
    const known = this.sources.get(key)
    if (known) return known
    const isFirst = this.sources.size === 0
    const source = new WatchedSource(wanted, this.dependencies.load)
    this.sources.set(key, source)
    // While nobody looked, nobody asked: what counts as changed begins here.
    if (isFirst) void this.look()
    return source
  }

  private addView(source: WatchedSource, key: string, query: GraphQuery): WatchedView {
    const view = new WatchedView(query, () => {
      this.events += 1
      return `${this.name}.${this.events}`
    })
    source.views.set(key, view)
    if (source.graph) view.update(source.graph, source.parts)
    else if (source.views.size === 1 || source.isStale) this.queue.want(source)
    return view
  }

  private changed(): void {
    if (this.sources.size === 0) return
    this.settling ??= setTimeout(() => {
      this.settling = undefined
      void this.look()
    }, SETTLE_MS)
  }

  /** Asks what changed, and wants what that concerns. */
  private async look(): Promise<void> {
    if (this.sources.size === 0) return
    if (this.isLooking) {
      this.isLookWanted = true
      return
    }
    this.isLooking = true
    try {
      do {
        this.isLookWanted = false
        this.apply(await this.dependencies.changes())
      } while (this.isLookWanted)
    } catch {
      // The database is away: the next poll asks again, and hears of everything since the last answer.
    } finally {
      this.isLooking = false
    }
  }

  private apply(changes: Changes): void {
    for (const source of this.sources.values()) {
      const urgency = changes === 'everything' ? 'now' : urgencyOf(source, changes)
      if (urgency === 'now') this.queue.want(source)
      if (urgency === 'later') source.isStale = true
    }
  }

  private tick(): void {
    this.ticks += 1
    const isFixedTurn = this.ticks % FIXED_TICKS === 0
    for (const source of this.sources.values())
      if (source.isMoving || source.isStale || isFixedTurn) this.queue.want(source)
  }
}

function urgencyOf(source: WatchedSource, changes: readonly ChangedScope[]): 'now' | 'later' | 'never' {
  let urgency: 'later' | 'never' = 'never'
  for (const scope of changes)
    for (const view of source.views.values()) {
      const one = concern(view.query, scope)
      if (one === 'now') return 'now'
      if (one === 'later') urgency = 'later'
    }
  return urgency
}
