import 'server-only'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import type { Queryable } from './client'
import { encodeFlow } from './encode-flow'
import { flowMemory } from './flow-memory'
import { copyChunks, FLOW_COLUMNS, type FlowRecordRow, PORT_OFFSET, receivedAfterS, startNs } from './flow-rows'
import type { EvidenceRow } from './identified-batch'
import { ensurePartitions } from './partitions'
import { recordKey, recordKeyText } from './record-key'
import { compareText } from './row-order'
import { type ShapeOfDay, saveShapes, shapeOfDay } from './save-shapes'
import { familyColumn, type StoredEvidence } from './settle-siblings'

export interface SavedEvidence {
  /** Rows that no body brought before. */
  readonly newRows: ReadonlySet<EvidenceRow>
  /** To be called after COMMIT. */
  readonly remember: () => void
}

type Encoded<Row extends StoredEvidence> = FlowRecordRow & { readonly row: Row }

export interface GivenEvidence {
  readonly rows: readonly EvidenceRow[]
  /** Stored rows that become others. The caller holds the lock of their families; a flow keeps its start. */
  readonly changed: readonly StoredEvidence[]
}

/**
 * Inserts evidence rows and answers those that are new: a record that any body brought before is a duplicate. Changes stored
 * ones. With `trusting` set the rows are copied as if all were new, which is faster: one that is not fails the transaction, with
 * `isRepeatedRecord`. Shapes of both come first: one order of locks.
 */
export async function saveEvidence(
  client: Queryable,
  { rows, changed }: GivenEvidence,
  { trusting }: { readonly trusting: boolean },
): Promise<SavedEvidence> {
  if (rows.length === 0 && changed.length === 0) return { newRows: new Set(), remember: () => undefined }
  const given = withoutRepeats(encode(rows))
  const changes = withoutRepeats(encode(changed))
  await ensurePartitions('flow_record', liveStarts(given))
  const remember = await saveShapes(client, shapesOf([...given, ...changes]))
  const repeated = trusting ? await copy(client, given) : await insert(client, given)
  await change(client, changes)
  const isAllNew = repeated.size === 0 && given.length === rows.length
  const newRows = isAllNew
    ? new Set(rows)
    : new Set(given.filter((_, index) => !repeated.has(index)).map(({ row }) => row))
  return { newRows, remember }
}

/** True where `trusting` was in vain: a record was there already. */
export const isRepeatedRecord = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === '23505' &&
  'table' in error &&
  typeof error.table === 'string' &&
  error.table.startsWith('flow_record')

/** Rows that were encoded ahead, or by an attempt before. */
const encodedRows = new WeakMap<StoredEvidence, FlowRecordRow['flow']>()

function encode<Row extends StoredEvidence>(rows: readonly Row[]): Encoded<Row>[] {
  const memory = flowMemory()
  memory.forgetExcess()
  return rows.map((row) => {
    const { recordId, ids, evidence } = row
    const { flow, keptAs } = evidence
    let encoded = encodedRows.get(row)
    if (!encoded) {
      const family = familyColumn(ids.dataset, flow) ?? undefined
      encoded = encodeFlow(memory, flow, { recordId, keptAs, family })
      encodedRows.set(row, encoded)
    }
    return { row, ids, recordId, flow: encoded }
  })
}

/** The shapes of live rows that this process does not know to be committed, each once. */
export function unknownShapes(rows: readonly EvidenceRow[]): ShapeOfDay[] {
  const unknown = new Map<string, ShapeOfDay>()
  for (const { ids, flow } of encode(rows)) {
    const wanted = shapeOfDay(ids.dataset, flow.startMs, flow.shape)
    if (ids.dataset === '' && !flow.shape.days.has(wanted.day)) unknown.set(`${wanted.day} ${flow.shape.id}`, wanted)
  }
  return [...unknown.values()]
}

/** In key order; of equal records the first. */
function withoutRepeats<Row extends StoredEvidence>(rows: Encoded<Row>[]): Encoded<Row>[] {
  const sorted = rows.sort(compareRows)
  return sorted.filter((row, index) => {
    const before = sorted[index - 1]
    return !before || compareRows(before, row) !== 0
  })
}

const compareRows = (a: FlowRecordRow, b: FlowRecordRow): number =>
  a.flow.startMs - b.flow.startMs ||
  a.flow.subMsNs - b.flow.subMsNs ||
  compareText(a.recordId, b.recordId) ||
  compareText(a.ids.dataset, b.ids.dataset)

function* liveStarts(rows: readonly FlowRecordRow[]): Generator<number> {
  for (const { ids, flow } of rows) if (ids.dataset === '') yield flow.startMs
}

function* shapesOf(rows: readonly FlowRecordRow[]) {
  for (const { ids, flow } of rows) yield shapeOfDay(ids.dataset, flow.startMs, flow.shape)
}

async function copy(client: Queryable, rows: readonly FlowRecordRow[]): Promise<ReadonlySet<number>> {
  if (rows.length === 0) return new Set()
  const stream = client.query(copyFrom(`COPY flow_record (${FLOW_COLUMNS}) FROM STDIN (FORMAT binary)`))
  await pipeline(Readable.from(copyChunks(rows, Date.now())), stream)
  return new Set()
}

/** Answers the places of the rows that were there already. */
async function insert(client: Queryable, rows: readonly FlowRecordRow[]): Promise<ReadonlySet<number>> {
  if (rows.length === 0) return new Set()
  const nowMs = Date.now()
  const { rows: repeated } = await client.query<{ place: number }>({
    name: 'insert-flow-records',
    text: `WITH given AS MATERIALIZED (
       SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::smallint[], $8::text[], $9::text[])
         WITH ORDINALITY AS u(${FLOW_COLUMNS}, place)),
     inserted AS (
       INSERT INTO flow_record (${FLOW_COLUMNS}) SELECT ${FLOW_COLUMNS} FROM given ORDER BY place
       ON CONFLICT DO NOTHING RETURNING start_at, record_key, dataset)
     SELECT (place - 1)::int AS place FROM given g
     WHERE NOT EXISTS (SELECT 1 FROM inserted i WHERE i.start_at = g.start_at AND i.record_key = g.record_key AND i.dataset = g.dataset)`,
    values: [
      rows.map(({ flow }) => startNs(flow).toString()),
      rows.map(({ recordId }) => recordKeyText(recordId)),
      rows.map(({ recordId }) => wordsText(recordKey(recordId).low)),
      rows.map(({ ids }) => ids.variantId),
      rows.map(({ flow }) => flow.shape.id),
      rows.map(({ flow }) => receivedAfterS(flow, nowMs)),
      rows.map(({ flow }) => flow.clientPort - PORT_OFFSET),
      rows.map(({ ids }) => ids.dataset),
      rows.map(({ flow }) => flow.rest),
    ],
  })
  return new Set(repeated.map(({ place }) => place))
}

const wordsText = ([high, low]: readonly [number, number]): string =>
  ((BigInt(high) << 32n) | BigInt(low >>> 0)).toString()

async function change(client: Queryable, rows: readonly FlowRecordRow[]): Promise<void> {
  for (const dataset of new Set(rows.map(({ ids }) => ids.dataset)))
    await changeOf(
      client,
      dataset,
      rows.filter(({ ids }) => ids.dataset === dataset),
    )
}

/** Of one dataset: only with its name beside the bounds the plan leaves out partitions. */
async function changeOf(client: Queryable, dataset: string, rows: readonly FlowRecordRow[]): Promise<void> {
  await client.query(
    `UPDATE flow_record r SET variant_id = u.variant, shape_id = u.shape, client_port = u.port, rest = u.rest
     FROM unnest($1::bigint[], $2::bigint[], $4::bigint[], $5::bigint[], $6::smallint[], $7::text[])
       AS u(start, key, variant, shape, port, rest)
     WHERE r.start_at = u.start AND r.record_key = u.key AND r.dataset = $3
       AND r.start_at >= $8::bigint AND r.start_at <= $9::bigint`,
    [
      rows.map(({ flow }) => startNs(flow).toString()),
      rows.map(({ recordId }) => recordKeyText(recordId)),
      dataset,
      rows.map(({ ids }) => ids.variantId),
      rows.map(({ flow }) => flow.shape.id),
      rows.map(({ flow }) => flow.clientPort - PORT_OFFSET),
      rows.map(({ flow }) => flow.rest),
      ...boundsOf(rows.map(({ flow }) => startNs(flow))),
    ],
  )
}

/** First and last start, as text: with them a plan leaves out the partitions before and after. Rows are in order of start. */
const boundsOf = (starts: readonly bigint[]): (string | undefined)[] => [
  starts[0]?.toString(),
  starts.at(-1)?.toString(),
]
