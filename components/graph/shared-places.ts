import {
  type EdgeRoute,
  EMPTY_LAYOUT,
  type GraphLayout,
  graphLayout,
  type LayoutChange,
  type NodePlace,
} from '@/lib/model/graph-layout'
import { LIMITS } from '@/lib/model/limits'
import type { StoredRoute } from './edge-geometry'
import type { Spot } from './place-node'

/** Which picture: a view of a dataset (lib/view/layout-key.ts). */
export interface PictureOf {
  readonly dataset: string
  readonly key: string
}

/** Where nodes stand, and the ways of edges around them. */
export interface Places {
  readonly spots: ReadonlyMap<string, Spot>
  readonly routes: ReadonlyMap<string, StoredRoute>
}

/** A picture that everybody shares is asked for once; whoever does not get it in time lays out anew. */
const PATIENCE_MS = 3000

/** Where the nodes of a picture stand for everybody; empty where nobody laid it out, or the server does not answer. */
export async function fetchPlaces(of: PictureOf): Promise<Places> {
  return (await ask(of, {})) ?? placesOf(EMPTY_LAYOUT)
}

/** Tells the server, and answers what stands there now; undefined where it does not answer, or this page may not write. */
export async function tellPlaces(of: PictureOf, change: LayoutChange, places: Places): Promise<Places | undefined> {
  return ask(of, {
    method: 'PUT',
    body: JSON.stringify({ change, ...layoutOf(places) }),
    keepalive: change === 'moved' && places.spots.size < 100,
  })
}

async function ask({ dataset, key }: PictureOf, init: RequestInit): Promise<Places | undefined> {
  try {
    const response = await fetch(`/api/places?${new URLSearchParams({ dataset, view: key })}`, {
      ...init,
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const layout = response.ok ? graphLayout.safeParse(await response.json()).data : undefined
    return layout && placesOf(layout)
  } catch {
    // Lost, late, or not JSON: the drawing stands by itself, and is told again with its next change.
    return undefined
  }
}

function layoutOf({ spots, routes }: Places): GraphLayout {
  return {
    nodes: [...spots]
      .slice(-LIMITS.layoutNodes)
      .map(([id, { at, part }]): NodePlace => (part === 0 ? [id, at.x, at.y] : [id, at.x, at.y, part])),
    routes: [...routes]
      .filter(([, { bends }]) => bends.length <= LIMITS.layoutBends)
      .slice(-LIMITS.layoutRoutes)
      .map(
        ([id, { from, to, bends }]): EdgeRoute => [
          id.slice(EDGE_PREFIX.length),
          [from, to, ...bends].flatMap(({ x, y }) => [x, y]),
        ],
      ),
  }
}

/** Of the ids of edges on the canvas, which nodes share. */
const EDGE_PREFIX = 'e'

function placesOf({ nodes, routes }: GraphLayout): Places {
  return {
    spots: new Map(nodes.map(([id, x, y, part = 0]) => [id, { at: { x, y }, part }])),
    routes: new Map(routes.flatMap(([id, way]) => routeOf(id, way))),
  }
}

function routeOf(id: string, way: readonly number[]): [string, StoredRoute][] {
  const [from, to, ...bends] = Array.from({ length: way.length / 2 }, (_, at) => ({
    x: way[2 * at] ?? 0,
    y: way[2 * at + 1] ?? 0,
  }))
  return from && to ? [[`${EDGE_PREFIX}${id}`, { from, to, bends }]] : []
}

/** Changes within this time go together. */
const GATHER_MS = 400

/**
 * Tells the server of a drawing's changes, gathered, in their order, one request at a time. What was moved is told as it is when it
 * goes out; of new nodes that another browser placed before, `onElsewhere` gets where they stand for everybody.
 */
export class PlaceTeller {
  private readonly waiting = { new: new Set<string>(), moved: new Set<string>() }
  private timer: ReturnType<typeof setTimeout> | undefined
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly of: PictureOf,
    private readonly placesOf: (nodeIds: Iterable<string>) => Places,
    private readonly onElsewhere: (places: Places) => void,
  ) {}

  add(change: 'new' | 'moved', nodeIds: Iterable<string>): void {
    for (const id of nodeIds) {
      this.waiting[change].add(id)
      // Moved before anybody was told that it is there: its place is the person's.
      if (change === 'moved') this.waiting.new.delete(id)
    }
    if (this.waiting.new.size + this.waiting.moved.size > 0) this.timer ??= setTimeout(() => this.flush(), GATHER_MS)
  }

  /** Tells all at once, whatever is gathered: a whole picture that a person asked for. */
  tellAll(places: Places): void {
    this.waiting.moved.clear()
    this.queue('moved', places)
  }

  /** Sends what waits. */
  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    for (const change of ['moved', 'new'] as const) {
      const ids = [...this.waiting[change]]
      this.waiting[change].clear()
      if (ids.length > 0) this.queue(change, { spots: this.placesOf(ids).spots, routes: new Map() })
    }
  }

  private queue(change: LayoutChange, places: Places): void {
    this.last = this.last.then(async () => {
      const stands = await tellPlaces(this.of, change, places)
      if (change !== 'new' || !stands) return
      const elsewhere = [...stands.spots].filter(([id, { at }]) => {
        const mine = places.spots.get(id)?.at
        return mine && Math.hypot(mine.x - at.x, mine.y - at.y) > 1
      })
      if (elsewhere.length > 0) this.onElsewhere({ spots: new Map(elsewhere), routes: new Map() })
    })
  }
}
