import 'server-only'
import type { Peer } from '@/lib/model/endpoint'
import type { ClusteredFlow, EvidenceClass } from '@/lib/model/prepared-batch'
import type { Queryable } from './client'
import { decodeFlow } from './decode-flow'
import { dayOf, type Frame, NS_PER_MS, type Rest } from './flow-form'
import { PORT_OFFSET } from './flow-rows'
import { uuidOf } from './record-key'

/** Columns that `readFlows` needs of `flow_record r`. */
export const FLOW_ROW = `r.dataset, r.start_at::text AS "startAt", r.record_key::text AS "recordKey", r.record_low::text AS "recordLow",
  r.variant_id::text AS "variantId", r.shape_id::text AS "shapeId", r.received_after_s AS "receivedAfterS", r.client_port AS "clientPort", r.rest`

export interface FlowRowColumns {
  readonly dataset: string
  readonly startAt: string
  readonly recordKey: string
  readonly recordLow: string
  readonly variantId: string
  readonly shapeId: string
  readonly receivedAfterS: number
  readonly clientPort: number
  readonly rest: string
}

/** A stored evidence row, put together. */
export interface StoredFlow {
  readonly dataset: string
  readonly recordId: string
  readonly variantId: string
  readonly receivedMs: number
  readonly flow: ClusteredFlow
  /** Unknown in rows of before there were shapes. */
  readonly keptAs?: EvidenceClass
}

interface StoredShape {
  readonly client: Peer
  readonly server: Peer
  readonly frame: Frame
}

/**
 * The flows of rows, in their order. One statement for all shapes, each by primary key in the partition of its row's day. A
 * row without its shape is left out: retention takes both, day by day.
 */
export async function readFlows(client: Queryable, rows: readonly FlowRowColumns[]): Promise<StoredFlow[]> {
  const shapes = await loadShapes(client, rows)
  return rows.flatMap((row) => {
    const rest = parseRest(row.rest)
    const startNs = BigInt(row.startAt)
    const recordId = uuidOf(row.recordKey, row.recordLow)
    const common = {
      dataset: row.dataset,
      recordId,
      variantId: row.variantId,
      receivedMs: Number(startNs / BigInt(NS_PER_MS)) + row.receivedAfterS * 1000,
    }
    if (rest.flow) return [{ ...common, flow: rest.flow }]
    const shape = shapes.get(shapeKey(row))
    if (!shape) return []
    const clientPort = row.clientPort + PORT_OFFSET
    const flow = decodeFlow({ ...shape, startNs, recordId, rest, ...(clientPort > 0 && { clientPort }) })
    return [{ ...common, flow, keptAs: shape.frame.keptAs }]
  })
}

// What this module reads, lib/store/encode-flow.ts wrote.
const parseRest = (text: string): Rest => (text === '' ? {} : JSON.parse(text))

const dayOfRow = (row: FlowRowColumns): number => dayOf(Number(BigInt(row.startAt) / BigInt(NS_PER_MS)))
const shapeKey = (row: FlowRowColumns): string => `${row.dataset}\n${dayOfRow(row)}\n${row.shapeId}`

async function loadShapes(
  client: Queryable,
  rows: readonly FlowRowColumns[],
): Promise<ReadonlyMap<string, StoredShape>> {
  const wanted = new Map(rows.filter((row) => row.shapeId !== '0').map((row) => [shapeKey(row), row]))
  if (wanted.size === 0) return new Map()
  const keys = [...wanted.values()]
  const days = keys.map(dayOfRow)
  // LIMIT keeps each look-up a look-up: by key, in one partition.
  const part = (alias: string, id: string) =>
    `CROSS JOIN LATERAL (SELECT part FROM flow_part p WHERE p.id = ${id} AND p.day = u.day AND p.dataset = u.dataset
       AND p.day BETWEEN $4 AND $5 LIMIT 1) ${alias}`
  const found = await client.query<{ id: string; day: number; dataset: string; c: string; s: string; f: string }>(
    `SELECT u.id::text AS id, u.day, u.dataset, c.part AS c, s.part AS s, f.part AS f
     FROM unnest($1::bigint[], $2::int[], $3::text[]) AS u(id, day, dataset)
     CROSS JOIN LATERAL (SELECT client_id, server_id, frame_id FROM flow_shape x WHERE x.id = u.id AND x.day = u.day AND x.dataset = u.dataset
       AND x.day BETWEEN $4 AND $5 LIMIT 1) x
     ${part('c', 'x.client_id')} ${part('s', 'x.server_id')} ${part('f', 'x.frame_id')}`,
    [
      keys.map((row) => row.shapeId),
      days,
      keys.map((row) => row.dataset),
      days.reduce((a, b) => Math.min(a, b)),
      days.reduce((a, b) => Math.max(a, b)),
    ],
  )
  const parse = onceEach()
  return new Map(
    found.rows.map(({ id, day, dataset, c, s, f }) => [
      `${dataset}\n${day}\n${id}`,
      { client: parse(c), server: parse(s), frame: parse(f) },
    ]),
  )
}

/** Parses equal texts once: rows of one edge share their parts. */
function onceEach() {
  const parsed = new Map<string, ReturnType<typeof JSON.parse>>()
  return (text: string) => {
    const value = parsed.get(text) ?? JSON.parse(text)
    parsed.set(text, value)
    return value
  }
}
