import 'server-only'
import type { Queryable } from './client'
import { DAY_MS, dayOf } from './flow-form'
import type { Part, Shape } from './flow-memory'
import { ensurePartitions } from './partitions'
import { compareText } from './row-order'

/** A shape that a row of this day refers to. */
export interface ShapeOfDay {
  readonly dataset: string
  readonly day: number
  readonly shape: Shape
}

export const shapeOfDay = (dataset: string, startMs: number, shape: Shape): ShapeOfDay => ({
  dataset,
  day: dayOf(startMs),
  shape,
})

interface Wanted<T> {
  readonly dataset: string
  readonly day: number
  readonly item: T
}

/**
 * Stores the shapes that the database may lack, parts first, each table in key order. Answers what to do after COMMIT, so
 * that they are not sent again. Of pinned datasets nothing is remembered: they can be deleted.
 */
export async function saveShapes(client: Queryable, shapes: Iterable<ShapeOfDay>): Promise<() => void> {
  const missing = new Map<string, Wanted<Shape>>()
  const parts = new Map<string, Wanted<Part>>()
  for (const { dataset, day, shape } of shapes) {
    if (isKnown(shape, dataset, day)) continue
    const key = keyOf(dataset, day, shape.id)
    if (missing.has(key)) continue
    missing.set(key, { dataset, day, item: shape })
    for (const part of [shape.client, shape.server, shape.frame])
      if (!isKnown(part, dataset, day)) parts.set(keyOf(dataset, day, part.id), { dataset, day, item: part })
  }
  if (missing.size === 0) return () => undefined
  const days = new Set([...missing.values()].flatMap(({ dataset, day }) => (dataset === '' ? [day * DAY_MS] : [])))
  await ensurePartitions('flow_part', days)
  await ensurePartitions('flow_shape', days)
  await insertParts(client, inOrder(parts))
  await insertShapes(client, inOrder(missing))
  return () => {
    for (const { dataset, day, item } of [...parts.values(), ...missing.values()])
      if (dataset === '') item.days.add(day)
  }
}

const isKnown = (item: Part | Shape, dataset: string, day: number): boolean => dataset === '' && item.days.has(day)
const keyOf = (dataset: string, day: number, id: string): string => `${dataset}\n${day}\n${id}`
const inOrder = <T>(wanted: ReadonlyMap<string, Wanted<T>>): Wanted<T>[] =>
  [...wanted].sort(([a], [b]) => compareText(a, b)).map(([, one]) => one)

async function insertParts(client: Queryable, rows: readonly Wanted<Part>[]): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name: 'save-flow-parts',
    text: `INSERT INTO flow_part (id, day, dataset, part)
      SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING`,
    values: [...keysOf(rows), rows.map(({ item }) => item.json)],
  })
}

async function insertShapes(client: Queryable, rows: readonly Wanted<Shape>[]): Promise<void> {
  await client.query({
    name: 'save-flow-shapes',
    text: `INSERT INTO flow_shape (id, day, dataset, client_id, server_id, frame_id)
      SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) ON CONFLICT DO NOTHING`,
    values: [
      ...keysOf(rows),
      rows.map(({ item }) => item.client.id),
      rows.map(({ item }) => item.server.id),
      rows.map(({ item }) => item.frame.id),
    ],
  })
}

const keysOf = (rows: readonly Wanted<Part | Shape>[]): unknown[] => [
  rows.map(({ item }) => item.id),
  rows.map(({ day }) => day),
  rows.map(({ dataset }) => dataset),
]
