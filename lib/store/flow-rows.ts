import 'server-only'
import type { EncodedFlow } from './encode-flow'
import { NS_PER_MS } from './flow-form'
import type { FlowIds } from './flow-ids'
import { recordKey } from './record-key'

/** One row of flow_record, encoded. */
export interface FlowRecordRow {
  readonly ids: FlowIds
  readonly recordId: string
  readonly flow: EncodedFlow
}

/** Columns of `copyOf`, in the table's order. */
export const FLOW_COLUMNS =
  'start_at, record_key, record_low, variant_id, shape_id, received_after_s, client_port, dataset, rest'

/** Ports are stored as signed 16-bit numbers. */
export const PORT_OFFSET = 32_768
const MOST_INT = 2 ** 31 - 1

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const END = Buffer.from([0xff, 0xff])
/** Count of fields; five 64-bit fields, one of 32 and one of 16; lengths of the two texts. */
const FIXED_BYTES = 2 + 5 * 12 + 8 + 6 + 4 + 4

const CHUNK_ROWS = 1024

/** Rows as the stream that COPY … (FORMAT binary) reads, piece by piece, so that the server works while the next is made. */
export function* copyChunks(rows: readonly FlowRecordRow[], nowMs: number): Generator<Buffer> {
  yield SIGNATURE
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) yield chunkOf(rows.slice(from, from + CHUNK_ROWS), nowMs)
  yield END
}

function chunkOf(rows: readonly FlowRecordRow[], nowMs: number): Buffer {
  let bytes = 0
  for (const { ids, flow } of rows)
    bytes += FIXED_BYTES + Buffer.byteLength(ids.dataset) + (flow.rest === '' ? 0 : Buffer.byteLength(flow.rest))
  const out = Buffer.allocUnsafe(bytes)
  let at = 0
  for (const row of rows) at = writeRow(out, at, row, nowMs)
  return out
}

function writeRow(out: Buffer, start: number, { ids, recordId, flow }: FlowRecordRow, nowMs: number): number {
  const { key, low } = recordKey(recordId)
  let at = out.writeInt16BE(9, start)
  at = out.writeInt32BE(8, at)
  at = out.writeBigInt64BE(startNs(flow), at)
  at = writeWords(out, at, key)
  at = writeWords(out, at, low)
  at = writeId(out, at, variantBytes(ids))
  at = writeId(out, at, flow.shape.bytes)
  at = out.writeInt32BE(4, at)
  at = out.writeInt32BE(receivedAfterS(flow, nowMs), at)
  at = out.writeInt32BE(2, at)
  at = out.writeInt16BE(flow.clientPort - PORT_OFFSET, at)
  at = writeText(out, at, ids.dataset)
  return writeText(out, at, flow.rest)
}

function writeWords(out: Buffer, start: number, [high, low]: readonly [number, number]): number {
  const at = out.writeInt32BE(8, start)
  return out.writeInt32BE(low, out.writeInt32BE(high, at))
}

function writeId(out: Buffer, start: number, bytes: Buffer): number {
  const at = out.writeInt32BE(8, start)
  return at + bytes.copy(out, at)
}

function writeText(out: Buffer, start: number, text: string): number {
  const length = text === '' ? 0 : out.write(text, start + 4)
  out.writeInt32BE(length, start)
  return start + 4 + length
}

export const startNs = (flow: EncodedFlow): bigint => BigInt(flow.startMs) * BigInt(NS_PER_MS) + BigInt(flow.subMsNs)

/** Seconds from a record's start to its receipt, within 68 years. */
export const receivedAfterS = (flow: EncodedFlow, nowMs: number): number =>
  Math.max(-MOST_INT, Math.min(MOST_INT, Math.floor((nowMs - flow.startMs) / 1000)))

const variants = new WeakMap<FlowIds, Buffer>()

/** A variant's id as bytes; a batch asks for each of its variants many times. */
function variantBytes(ids: FlowIds): Buffer {
  const known = variants.get(ids)
  if (known) return known
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(BigInt(ids.variantId))
  variants.set(ids, bytes)
  return bytes
}
