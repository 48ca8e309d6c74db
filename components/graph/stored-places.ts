import { z } from 'zod'
import type { Point, StoredRoute } from './edge-geometry'

const PREFIX = 'postern-places:'
const INDEX = 'postern-places-index'
const MAX_NODES = 2000
const MAX_VIEWS = 20

interface Places {
  readonly positions: ReadonlyMap<string, Point>
  readonly routes: ReadonlyMap<string, StoredRoute>
}

const point = z.tuple([z.number(), z.number()]).transform(([x, y]) => ({ x, y }))
const stored = z.object({
  positions: z.record(z.string(), point),
  routes: z.record(z.string(), z.object({ from: point, to: point, bends: z.array(point) })),
})
const index = z.array(z.string())

/** Where nodes of a view stood in this browser; empty where none are known. Nodes come back to where they stood. */
export function readPlaces(view: string): Places {
  const places = stored.safeParse(parse(localStorage.getItem(PREFIX + view))).data
  return {
    positions: new Map(Object.entries(places?.positions ?? {})),
    routes: new Map(Object.entries(places?.routes ?? {})),
  }
}

/** Keeps them, at most 2,000 nodes a view and the 20 views used last. */
export function writePlaces(view: string, { positions, routes }: Places): void {
  const pair = ({ x, y }: Point): [number, number] => [Math.round(x), Math.round(y)]
  const text = JSON.stringify({
    positions: Object.fromEntries([...positions].slice(-MAX_NODES).map(([id, at]) => [id, pair(at)])),
    routes: Object.fromEntries(
      [...routes]
        .slice(-MAX_NODES)
        .map(([id, { from, to, bends }]) => [id, { from: pair(from), to: pair(to), bends: bends.map(pair) }]),
    ),
  })
  const known = index.safeParse(parse(localStorage.getItem(INDEX))).data ?? []
  const views = [view, ...known.filter((item) => item !== view)]
  try {
    localStorage.setItem(PREFIX + view, text)
    localStorage.setItem(INDEX, JSON.stringify(views.slice(0, MAX_VIEWS)))
    for (const old of views.slice(MAX_VIEWS)) localStorage.removeItem(PREFIX + old)
  } catch {
    // A full or forbidden store only means that the next visit lays the graph out anew.
  }
}

function parse(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
