import { z } from 'zod'
import type { Point } from './edge-geometry'

const PREFIX = 'postern-positions:'
const INDEX = 'postern-positions-index'
const MAX_NODES = 2000
const MAX_VIEWS = 20

const stored = z.record(z.string(), z.tuple([z.number(), z.number()]))
const index = z.array(z.string())

/** Places that nodes of a view had in this browser; empty where none are known. Nodes come back to where they stood. */
export function readPositions(view: string): Map<string, Point> {
  const places = stored.safeParse(parse(localStorage.getItem(PREFIX + view)))
  return new Map(Object.entries(places.data ?? {}).map(([id, [x, y]]) => [id, { x, y }]))
}

/** Keeps them, at most 2,000 nodes a view and the 20 views used last. */
export function writePositions(view: string, positions: ReadonlyMap<string, Point>): void {
  const entries = [...positions].slice(-MAX_NODES).map(([id, { x, y }]) => [id, [Math.round(x), Math.round(y)]])
  const views = [
    view,
    ...(index.safeParse(parse(localStorage.getItem(INDEX))).data ?? []).filter((item) => item !== view),
  ]
  try {
    localStorage.setItem(PREFIX + view, JSON.stringify(Object.fromEntries(entries)))
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
