import 'server-only'
import type { DrawnAs } from '@/lib/graph/choose-level'
import { type EncodedGraph, type EncodedParts, encodeGraph, patchText, snapshotText } from '@/lib/graph/diff-graph'
import { drawnAs, viewGraph } from '@/lib/graph/view-graph'
import type { GraphQuery, ServiceGraph } from '@/lib/model/graph'

/** Gets every event of a view, as bytes that all its listeners share and nobody may change. */
export type ViewListener = (event: Uint8Array) => void

interface Step {
  /** The id that a browser has seen last when this patch is its next. */
  readonly after: string
  readonly event: Uint8Array
}

/** How far back a browser can come again without a whole snapshot. */
const KEPT_STEPS = 32
const KEPT_BYTES = 256 * 1024

/**
 * One view and whoever looks at it. Each event becomes bytes once. Its id is the graph's revision, this process's name and a
 * number: a browser that comes back within the kept steps goes on where it was, anywhere else it starts from a snapshot.
 */
export class WatchedView {
  readonly listeners = new Set<ViewListener>()
  private graph: EncodedGraph | undefined
  private drawn: DrawnAs | undefined
  private id = ''
  private snapshot: Uint8Array | undefined
  private steps: Step[] = []
  private keptBytes = 0

  constructor(
    readonly query: GraphQuery,
    private readonly nextNumber: () => string,
  ) {}

  /** Cuts the view from the graph of its window, and tells the listeners what changed. */
  update(source: ServiceGraph, parts: EncodedParts): void {
    const previous = this.graph
    const view = viewGraph(source, this.query, this.drawn)
    this.drawn = drawnAs(view)
    const next = encodeGraph(view, parts)
    this.graph = next
    // Even where nothing changed, who comes now gets the window as it is now.
    this.snapshot = undefined
    const patch = previous && patchText(previous, next)
    if (previous && patch === undefined) return
    const after = this.id
    this.id = `${next.revision}.${this.nextNumber()}`
    const event = patch === undefined ? this.snapshotEvent() : encodeEvent('patch', patch, this.id)
    if (!event) return
    if (patch !== undefined) this.keep({ after, event })
    for (const listener of this.listeners) listener(event)
  }

  /** How the view is drawn; undefined before it was computed once. */
  get drawnAs(): DrawnAs | undefined {
    return this.drawn
  }

  /** The whole view as it stands; undefined before it was computed once. */
  snapshotEvent(): Uint8Array | undefined {
    if (!this.graph) return undefined
    this.snapshot ??= encodeEvent('snapshot', snapshotText(this.graph), this.id)
    return this.snapshot
  }

  /** What a browser lacks that has seen everything up to an event; undefined where only a snapshot helps. */
  eventsAfter(id: string): readonly Uint8Array[] | undefined {
    if (!this.graph || id === '') return undefined
    if (id === this.id) return []
    const at = this.steps.findIndex((step) => step.after === id)
    return at < 0 ? undefined : this.steps.slice(at).map((step) => step.event)
  }

  private keep(step: Step): void {
    this.steps.push(step)
    this.keptBytes += step.event.length
    while (this.steps.length > KEPT_STEPS || this.keptBytes > KEPT_BYTES) {
      const oldest = this.steps.shift()
      if (!oldest) return
      this.keptBytes -= oldest.event.length
    }
  }
}

const encoder = new TextEncoder()

/** Server-sent event of HTML's "event stream" format; JSON text has no line breaks. */
const encodeEvent = (event: 'snapshot' | 'patch', json: string, id: string): Uint8Array =>
  encoder.encode(`event: ${event}\ndata: ${json}\nid: ${id}\n\n`)
