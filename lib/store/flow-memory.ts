import 'server-only'
import { hash } from 'node:crypto'
import type pg from 'pg'
import { processGlobal } from '@/lib/process-global'
import { pool } from './client'
import type { Frame } from './flow-form'

/** A part of flows that is stored once per day: a peer, or a frame. */
export interface Part {
  /** 64-bit content hash, signed decimal. */
  readonly id: string
  readonly json: string
  /** Number of the part in this memory. */
  readonly token: number
  /** Days of the live dataset for which it is known to be committed. */
  readonly days: Set<number>
}

/** Two peers and a frame: what a row refers to. */
export interface Shape {
  readonly id: string
  /** The id as bytes, big-endian. */
  readonly bytes: Buffer
  readonly client: Part
  readonly server: Part
  readonly frame: Part
  readonly days: Set<number>
}

/** About 100 MB at worst, with long labels; ordinary clusters stay far below. */
const MOST_SHAPES = 100_000
const MOST_PARTS = 100_000

/**
 * Shapes and parts that this process has met, so that what repeats costs neither JSON, nor a hash, nor a round trip. Objects
 * that flows share are recognised by identity. Bounded: when full it forgets everything.
 */
export class FlowMemory {
  private readonly byObject = new WeakMap<object, Part>()
  private readonly byJson = new Map<string, Part>()
  private readonly frames = new Map<string, Part>()
  private readonly shapes = new Map<string, Shape>()
  private tokens = 0

  /** The part with this content. */
  part(value: object): Part {
    const known = this.byObject.get(value)
    if (known) return known
    const part = this.partOf(JSON.stringify(value))
    this.byObject.set(value, part)
    return part
  }

  /** Equal for values of equal JSON, as long as this memory holds them; 0 for undefined. */
  token(value: object | undefined): number {
    return value === undefined ? 0 : this.part(value).token
  }

  /** The frame of this key, which `make` makes where it is new. */
  frame(key: string, make: () => Frame): Part {
    const known = this.frames.get(key)
    if (known) return known
    const part = this.partOf(JSON.stringify(make()))
    this.frames.set(key, part)
    return part
  }

  shape(client: Part, server: Part, frame: Part): Shape {
    const key = `${client.token},${server.token},${frame.token}`
    const known = this.shapes.get(key)
    if (known) return known
    const bytes = idOf(`${client.id}\n${server.id}\n${frame.id}`)
    const shape = { id: textOf(bytes), bytes, client, server, frame, days: new Set<number>() }
    this.shapes.set(key, shape)
    return shape
  }

  /** Makes room. Not between parts of one flow: tokens of before and after do not compare. */
  forgetExcess(): void {
    if (this.shapes.size > MOST_SHAPES) this.shapes.clear()
    if (this.byJson.size <= MOST_PARTS && this.frames.size <= MOST_PARTS) return
    this.shapes.clear()
    this.byJson.clear()
    this.frames.clear()
  }

  private partOf(json: string): Part {
    const known = this.byJson.get(json)
    if (known) return known
    this.tokens += 1
    const part = { id: textOf(idOf(json)), json, token: this.tokens, days: new Set<number>() }
    this.byJson.set(json, part)
    return part
  }
}

const idOf = (text: string): Buffer => hash('sha256', text, 'buffer').subarray(0, 8)
const textOf = (bytes: Buffer): string => bytes.readBigInt64BE(0).toString()

/** What this process remembers of the database in use. */
export function flowMemory(): FlowMemory {
  const byPool = processGlobal('flow-memory', () => new WeakMap<pg.Pool, FlowMemory>())
  const current = pool()
  const memory = byPool.get(current) ?? new FlowMemory()
  byPool.set(current, memory)
  return memory
}
