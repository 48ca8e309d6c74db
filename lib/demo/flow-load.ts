import { connectionRecords, type RecordShape, touchRecord } from './flow-load-records'
import type { LoadEdge, LoadPod, LoadTopology } from './flow-load-topology'
import { createRng } from './rng'

/** One request body of Hubble exporter lines. */
export interface LoadBody {
  readonly bytes: Uint8Array
  /** What the bytes lie in: may be given back once they are no longer needed. */
  readonly room: Uint8Array
  readonly flows: number
  /** The body's records lie in `[startMs, endMs]`. */
  readonly startMs: number
  readonly endMs: number
}

/** Where a body ends: at so many bytes (5 MiB where nothing is said), or at so many lines, whichever comes first. */
export interface BodySize {
  readonly bytes?: number
  readonly lines?: number
  /** Memory of at least `bodyRoom` bytes to write the next body into: fresh memory costs more than the writing. */
  readonly takeRoom?: () => Uint8Array
}

/** Bytes that a body of that size has at most: it ends behind the line that reaches its end. */
export const bodyRoom = ({ bytes = LARGE_BODY_BYTES, lines }: BodySize): number =>
  Math.min(bytes, (lines ?? Number.POSITIVE_INFINITY) * LONGEST_LINE_BYTES) + LONGEST_LINE_BYTES

export interface TrafficSpan {
  /** Another seed is other traffic between the same ends. */
  readonly seed: number
  readonly startMs: number
  readonly endMs: number
  /** Records, exactly. */
  readonly flows: number
}

export interface TouchSpan {
  readonly seed: number
  readonly startMs: number
  readonly endMs: number
  /** Every edge has one record in each such stretch, counted from `startMs`. */
  readonly everyMs: number
}

const LARGE_BODY_BYTES = 5 * 1024 * 1024
/** Far above what any line has. */
const LONGEST_LINE_BYTES = 8192
const FIRST_PORT = 32_768
const PORTS = 28_000
const LONGEST_MS = 2000
/** Connections of each kind, so that of all records 3 % are denials and 20 % of peers outside. */
const DENIED_CHANCE = 0.114
const OUTSIDE_CHANCE = 0.303

/**
 * Connections spread evenly over `[startMs, endMs)`, their edges drawn by Zipf's law, all records of a connection together: as
 * the exporters of all nodes would send them. Streams: one body in memory at a time. The same bytes for the same span.
 */
export function* trafficBodies(
  topology: LoadTopology,
  span: TrafficSpan,
  size: BodySize = {},
): Generator<LoadBody, void, undefined> {
  const rng = createRng(span.seed ^ mixed(Math.floor(span.startMs / 1000)))
  const pick = {
    denied: zipf(topology.denied, rng),
    outside: zipf(topology.outside, rng),
    inside: zipf(topology.inside, rng),
  }
  const writer = new BodyWriter(span.seed, span.startMs, size)
  for (let made = 0; made < span.flows; ) {
    const chance = rng()
    const edge =
      pick[chance < DENIED_CHANCE ? 'denied' : chance < DENIED_CHANCE + OUTSIDE_CHANCE ? 'outside' : 'inside']()
    const atMs = span.startMs + ((span.endMs - span.startMs) * made) / span.flows
    const records = connectionRecords(
      edge,
      oneOf(edge.clients, rng),
      edge.servers.length > 0 ? oneOf(edge.servers, rng) : undefined,
      writer.nextPort(),
      1 + Math.floor(rng() * LONGEST_MS),
    )
    for (const record of records.slice(0, span.flows - made)) {
      const full = writer.add(record, Math.min(span.endMs - 1, atMs + record.afterMs))
      if (full) yield full
    }
    made += records.length
  }
  const last = writer.finish()
  if (last) yield last
}

/**
 * One record of every edge in each `everyMs`, in order of time: the least traffic that keeps every edge alive in every bucket of
 * that length. Streams likewise.
 */
export function* touchBodies(
  topology: LoadTopology,
  span: TouchSpan,
  size: BodySize = {},
): Generator<LoadBody, void, undefined> {
  const { edges } = topology
  const rng = createRng(span.seed ^ mixed(Math.floor(span.startMs / 1000)))
  const writer = new BodyWriter(span.seed, span.startMs, size)
  for (let fromMs = span.startMs; fromMs < span.endMs; fromMs += span.everyMs) {
    const lengthMs = Math.min(span.everyMs, span.endMs - fromMs)
    const first = Math.floor(rng() * edges.length)
    for (let index = 0; index < edges.length; index += 1) {
      const edge = edges[(first + index) % edges.length]
      if (!edge) continue
      const server = edge.servers.length > 0 ? oneOf(edge.servers, rng) : undefined
      const record = touchRecord(edge, oneOf(edge.clients, rng), server, writer.nextPort())
      const full = writer.add(record, fromMs + (lengthMs * index) / edges.length)
      if (full) yield full
    }
  }
  const last = writer.finish()
  if (last) yield last
}

/** Gathers lines to bodies, and gives each record its time and its uuid. */
class BodyWriter {
  private room: Uint8Array | undefined
  private length = 0
  private lines = 0
  private count = 0
  private startMs = Number.POSITIVE_INFINITY
  private endMs = Number.NEGATIVE_INFINITY
  private second = Number.NaN
  /** `2026-11-24T10:00:00.` and nine digits. */
  private readonly time: Uint8Array = Buffer.alloc(29)
  /** A uuid whose first eight digits differ within a span, and the rest between spans. */
  private readonly uuid: Uint8Array
  private readonly limitBytes: number
  private readonly limitLines: number

  constructor(
    seed: number,
    startMs: number,
    private readonly size: BodySize,
  ) {
    let salt = 0
    let hex = ''
    for (const value of [seed, startMs / 1000, startMs % 1000, seed * 31]) {
      salt = mixed(salt ^ mixed(Math.floor(value)))
      hex += salt.toString(16).padStart(8, '0')
    }
    this.uuid = ascii(`00000000-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`)
    this.limitBytes = size.bytes ?? LARGE_BODY_BYTES
    this.limitLines = size.lines ?? Number.POSITIVE_INFINITY
  }

  nextPort(): number {
    return FIRST_PORT + (this.count % PORTS)
  }

  /** Answers the body where this record filled it. */
  add(record: RecordShape, atMs: number): LoadBody | undefined {
    this.room ??= this.size.takeRoom?.() ?? Buffer.allocUnsafe(bodyRoom(this.size))
    const { room } = this
    this.stamp(atMs)
    let at = put(room, BEFORE_TIME, this.length)
    at = put(room, this.time, at)
    at = put(room, BEFORE_UUID, at)
    at = put(room, this.uuid, at)
    for (const piece of record.pieces) at = put(room, piece, at)
    at = put(room, this.time, at)
    this.length = put(room, END_OF_LINE, at)
    this.count += 1
    this.lines += 1
    this.startMs = Math.min(this.startMs, atMs)
    this.endMs = Math.max(this.endMs, atMs)
    return this.length >= this.limitBytes || this.lines >= this.limitLines ? this.finish() : undefined
  }

  finish(): LoadBody | undefined {
    if (this.lines === 0 || !this.room) return undefined
    const body = {
      bytes: this.room.subarray(0, this.length),
      room: this.room,
      flows: this.lines,
      startMs: Math.floor(this.startMs),
      endMs: Math.floor(this.endMs),
    }
    this.room = undefined
    this.length = 0
    this.lines = 0
    this.startMs = Number.POSITIVE_INFINITY
    this.endMs = Number.NEGATIVE_INFINITY
    return body
  }

  private stamp(atMs: number): void {
    const second = Math.floor(atMs / 1000)
    if (second !== this.second) {
      this.second = second
      put(this.time, ascii(new Date(second * 1000).toISOString().slice(0, 20)), 0)
    }
    let rest = Math.floor((atMs - second * 1000) * 1000) * 1000 + (this.count % 1000)
    for (let at = 28; at >= 20; at -= 1) {
      this.time[at] = DIGIT_0 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    let unique = mixed(this.count)
    for (let at = 7; at >= 0; at -= 1) {
      const nibble = unique & 15
      this.uuid[at] = nibble < 10 ? DIGIT_0 + nibble : LETTER_A + nibble - 10
      unique >>>= 4
    }
  }
}

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const BEFORE_TIME = ascii('{"flow":{"time":"')
const BEFORE_UUID = ascii('Z","uuid":"')
const END_OF_LINE = ascii('Z"}\n')
const DIGIT_0 = 48
const LETTER_A = 97

/** A short loop beats the call into the engine, which most pieces would spend their time on. */
function put(room: Uint8Array, piece: Uint8Array, at: number): number {
  if (piece.length < 48) for (let index = 0; index < piece.length; index += 1) room[at + index] = piece[index] ?? 0
  else room.set(piece, at)
  return at + piece.length
}

/** A bijection of 32 bits: other numbers for other numbers, in no order. */
function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

function oneOf(pods: readonly LoadPod[], rng: () => number): LoadPod {
  const pod = pods[Math.floor(rng() * pods.length)]
  if (!pod) throw new Error('an edge of the load has no pods')
  return pod
}

/** Draws by Zipf's law with exponent 1: the k-th is drawn with a chance of 1/k of the first's. */
function zipf(edges: readonly LoadEdge[], rng: () => number): () => LoadEdge {
  let total = 0
  const sums = Float64Array.from(edges, (_, index) => {
    total += 1 / (index + 1)
    return total
  })
  return () => {
    const wanted = rng() * total
    let [low, high] = [0, sums.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < wanted) low = middle + 1
      else high = middle
    }
    const edge = edges[low]
    if (!edge) throw new Error('the load has no edge of a kind')
    return edge
  }
}
