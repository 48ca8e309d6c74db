import 'server-only'
import { diffGraph } from '@/lib/graph/diff-graph'
import type { GraphQuery, ServiceGraph } from '@/lib/model/graph'

export interface HubDependencies {
  load(query: GraphQuery): Promise<ServiceGraph>
  /** Calls back after every commit that can change a graph. */
  listen(onChange: () => void): void
}

export type LiveEvent = { readonly event: 'snapshot' | 'patch'; readonly data: unknown }
type Listener = (event: LiveEvent) => void

interface WatchedView {
  readonly query: GraphQuery
  readonly listeners: Set<Listener>
  graph: ServiceGraph | undefined
  isLoading: boolean
  isDirty: boolean
}

/** Commits that come closer together than this are drawn together. */
const SETTLE_MS = 250
/** A moving window loses old edges even when nothing arrives. */
const TICK_MS = 10_000

/** One graph per distinct view, however many browsers look at it: recomputed after commits, sent as patches. */
export class GraphHub {
  private readonly views = new Map<string, WatchedView>()
  private settling: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly dependencies: HubDependencies) {
    dependencies.listen(() => this.changed())
    setInterval(() => this.changed(), TICK_MS).unref()
  }

  /** Sends a snapshot, then patches, until the returned function is called. */
  watch(query: GraphQuery, listener: Listener): () => void {
    const key = JSON.stringify(query)
    const view = this.views.get(key) ?? {
      query,
      listeners: new Set<Listener>(),
      graph: undefined,
      isLoading: false,
      isDirty: false,
    }
    this.views.set(key, view)
    view.listeners.add(listener)
    if (view.graph) listener({ event: 'snapshot', data: view.graph })
    else void this.refresh(view)
    return () => {
      view.listeners.delete(listener)
      if (view.listeners.size === 0) this.views.delete(key)
    }
  }

  private changed(): void {
    this.settling ??= setTimeout(() => {
      this.settling = undefined
      for (const view of this.views.values()) void this.refresh(view)
    }, SETTLE_MS)
  }

  private async refresh(view: WatchedView): Promise<void> {
    if (view.isLoading) {
      view.isDirty = true
      return
    }
    view.isLoading = true
    try {
      const next = await this.dependencies.load(view.query)
      const previous = view.graph
      view.graph = next
      const patch = previous && diffGraph(previous, next)
      const event: LiveEvent | undefined = previous
        ? patch && { event: 'patch', data: patch }
        : { event: 'snapshot', data: next }
      if (event) for (const listener of view.listeners) listener(event)
    } catch {
      // The database is away: browsers keep what they have, and the next tick tries again.
    } finally {
      view.isLoading = false
      if (view.isDirty) {
        view.isDirty = false
        this.changed()
      }
    }
  }
}
