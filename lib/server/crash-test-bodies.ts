import { createHash } from 'node:crypto'
import { calicoRecords } from './crash-test-calico'
import { hubbleRecords } from './crash-test-hubble'
import { natRecords } from './crash-test-nat'
import { spanRecords } from './crash-test-spans'

/** Whole numbers in `[0, below)`, the same for the same seed. */
export type Pick = (below: number) => number

/** Grains in which records of the load come in: instants and intervals of 15 s, and intervals of a minute. */
export type Grain = 15 | 60

/** What an edge counts in one bucket, as seen by one side with one verdict. */
export interface Counts {
  connections: number
  events: number
  bytesSent: number
  bytesReceived: number
}

/** What the database must say once every body was taken, worked out by the generators alone. */
export interface Expected {
  /** By grain in seconds that records come in at, and by `client server:port|observer|outcome|repeats|bucket start in ms`. */
  readonly sums: Readonly<Record<Grain, Map<string, Counts>>>
  /** Hubble records that are kept in any case, by `uuid|start in ms`, and the uuids of those that may be kept as exemplars. */
  readonly kept: Set<string>
  readonly exemplars: Set<string>
  /** Calico records that differ by more than counters: each is one row. By the same key as the sums. */
  readonly calicoRows: Map<string, number>
  /** Connections to the outside: by `client host:port|start in ms`, how many they stand for. */
  readonly egress: Map<string, number>
  /** Translations by `address:port|start in ms`: whether their end was told. */
  readonly nat: Map<string, boolean>
  /** Spans of each trace, by `trace|start in ms`; each trace is one call. */
  readonly traces: Map<string, number>
  /** Records by source as the sources page counts them. */
  readonly accepted: { hubble: number; calico: number; otlp: number }
}

/** Records that one body can carry, and where they go. */
export interface Records {
  readonly kind: 'hubble' | 'calico' | 'nat' | 'spans'
  readonly path: string
  readonly type: string
  readonly records: readonly string[]
  /** Bytes of a body of these records. */
  join(records: readonly string[]): string
}

/** One request as its sender makes it, every time with the same bytes. */
export interface Body {
  readonly kind: Records['kind']
  readonly path: string
  readonly type: string
  readonly bytes: Buffer
  readonly sha256: string
}

/** The cluster that every request names. */
export const CLUSTER = 'crash'

const PER_BODY = { least: 8, most: 40 }

/** What a load is to be. */
export interface LoadSize {
  /** Starts of hours, in ms, over which the records are spread. */
  readonly hours: readonly number[]
  /** Records of a kind have numbers from here on, which make their ids: of two loads on one database all differ. */
  readonly first: number
  /** 1 is about 50 bodies. */
  readonly scale: number
}

/** Expectations of a database without records. */
export const nothingExpected = (): Expected => ({
  sums: { 15: new Map(), 60: new Map() },
  kept: new Set(),
  exemplars: new Set(),
  calicoRows: new Map(),
  egress: new Map(),
  nat: new Map(),
  traces: new Map(),
  accepted: { hubble: 0, calico: 0, otlp: 0 },
})

/**
 * Bodies of every kind; what they add up to is added to `expected`. Records of one whole (a connection and its end, both ends of a
 * call, the tellings of a counter) lie in different bodies in any order, and some evidence is told by two of them.
 */
export function makeBodies(pick: Pick, size: LoadSize, expected: Expected): Body[] {
  const sets = [hubbleRecords, calicoRecords, natRecords, spanRecords].map((make) => make(pick, size, expected))
  return shuffled(
    pick,
    sets.flatMap((set) => bodiesOf(pick, set)),
  )
}

/** Adds to what a bucket of an edge must count. */
export function addTo(sums: Map<string, Counts>, key: string, counts: Partial<Counts>): void {
  const sum = sums.get(key) ?? { connections: 0, events: 0, bytesSent: 0, bytesReceived: 0 }
  sum.connections += counts.connections ?? 0
  sum.events += counts.events ?? 0
  sum.bytesSent += counts.bytesSent ?? 0
  sum.bytesReceived += counts.bytesReceived ?? 0
  sums.set(key, sum)
}

/** In a random order; the list given stays as it is. */
export function shuffled<T>(pick: Pick, items: readonly T[]): T[] {
  const out = [...items]
  for (let at = out.length - 1; at > 0; at -= 1) {
    const other = pick(at + 1)
    const [a, b] = [out[at], out[other]]
    if (a !== undefined && b !== undefined) [out[at], out[other]] = [b, a]
  }
  return out
}

function bodiesOf(pick: Pick, { kind, path, type, records, join }: Records): Body[] {
  const bodies: Body[] = []
  const mixed = shuffled(pick, records)
  for (let from = 0; from < mixed.length; ) {
    const size = PER_BODY.least + pick(PER_BODY.most - PER_BODY.least)
    const bytes = Buffer.from(join(mixed.slice(from, from + size)))
    bodies.push({ kind, path, type, bytes, sha256: createHash('sha256').update(bytes).digest('hex') })
    from += size
  }
  return bodies
}
