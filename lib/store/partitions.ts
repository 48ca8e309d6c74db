import 'server-only'
import pg from 'pg'
import type { Retention, RetentionClass } from '@/lib/model/retention'
import { databaseUrl, knownPartitions, pool } from './client'
import { KEEP_JUDGED } from './keep-judged'

const HOUR_MS = 3600_000
const DAY_MS = 24 * HOUR_MS

/** Milliseconds of one unit. */
const UNIT_MS = { ms: 1, day: DAY_MS } as const

interface Partitioning {
  /** What the time column holds: Unix milliseconds, nanoseconds or days since 1970-01-01 in UTC as a number, or a timestamp. */
  readonly time: 'ns' | keyof typeof UNIT_MS | 'timestamp'
  /** Length of one partition of live data, a multiple of an hour; partitions are aligned to the Unix epoch. */
  readonly widthMs: number
  /** How long live rows are kept (lib/model/retention.ts). */
  readonly keep: RetentionClass
  /** A shorter time that no setting lengthens. */
  readonly atMostMs?: number
  /** Storage parameters of each partition. */
  readonly storage?: string
  /** What a detached partition leaves behind before it is dropped: one statement over its name, in the transaction of the drop. */
  readonly leave?: (partition: string) => string
}

/**
 * Every table `PARTITION BY RANGE (dataset, time)`. Live data (dataset '') has one partition per width; the rows of all pinned
 * datasets are in `<table>_pinned`, which retention leaves alone. Changing a width is safe at any time but for the partition
 * that now is: existing ones keep their bounds, and one that would overlap is not made.
 */
export const PARTITIONED = {
  // Rows of the live bucket are updated in place while it is filled.
  edge_bucket_15s: { time: 'ms', widthMs: 6 * HOUR_MS, keep: 'buckets15s', storage: 'fillfactor = 90' },
  edge_bucket_1m: { time: 'ms', widthMs: DAY_MS, keep: 'buckets1m' },
  edge_bucket_1h: { time: 'ms', widthMs: 30 * DAY_MS, keep: 'buckets1h' },
  flow_record: { time: 'ns', widthMs: 6 * HOUR_MS, keep: 'evidence' },
  denial_seen: { time: 'ms', widthMs: 6 * HOUR_MS, keep: 'evidence' },
  // A row's shape is looked up by the row's own day: whole days, so that none outlives its rows by more than one.
  flow_shape: { time: 'day', widthMs: DAY_MS, keep: 'evidence' },
  flow_part: { time: 'day', widthMs: DAY_MS, keep: 'evidence' },
  // Evidence. Judged connections are found by what is updated in them, so rows need room to stay on their page.
  egress_connection: {
    time: 'timestamp',
    widthMs: 6 * HOUR_MS,
    keep: 'evidence',
    storage: 'fillfactor = 80',
    leave: KEEP_JUDGED,
  },
  // By when the connection began: the history goes with it, so both must have one width.
  judgement_history: { time: 'timestamp', widthMs: 6 * HOUR_MS, keep: 'evidence' },
  // What a judgement rests on is in the judgement; the rows behind it go with their time.
  nat_record: { time: 'timestamp', widthMs: 6 * HOUR_MS, keep: 'evidence' },
  // Calls and AI facts of an edge are counted from these rows: a graph has them as far back as evidence is kept.
  span: { time: 'timestamp', widthMs: 6 * HOUR_MS, keep: 'evidence' },
  // Of use for minutes, kept for three to four hours: names that they gave stay with their connections.
  dns_question: { time: 'timestamp', widthMs: HOUR_MS, keep: 'evidence', atMostMs: 2 * HOUR_MS },
} as const satisfies Readonly<Record<string, Partitioning>>

export type PartitionedTable = keyof typeof PARTITIONED

const isPartitioned = (name: string): name is PartitionedTable => Object.hasOwn(PARTITIONED, name)
export const partitionedTables = (): PartitionedTable[] => Object.keys(PARTITIONED).filter(isPartitioned)
const partitioningOf = (table: PartitionedTable): Partitioning => PARTITIONED[table]

/** How long live rows of a table are kept. */
export const keptMs = (table: PartitionedTable, retention: Retention): number => {
  const { keep, atMostMs = Number.POSITIVE_INFINITY } = partitioningOf(table)
  return Math.min(retention[keep], atMostMs)
}

/** Serialises the making of partitions: two makers of one would fail on its name. */
const DDL_LOCK = 72_707_370

/**
 * Sees to it that live rows of these times have a partition. Costs nothing where the partitions are known; else one
 * connection of its own, never one of the pool, so that a transaction may ask in its middle. Making one takes no lock that
 * writers wait for (ATTACH: SHARE UPDATE EXCLUSIVE on the parent). Rows of pinned datasets need none.
 */
export async function ensurePartitions(table: PartitionedTable, timesMs: Iterable<number>): Promise<void> {
  const names = knownPartitions()
  const missing = new Map<string, number>()
  const starts = new Set<number>()
  for (const timeMs of timesMs) starts.add(partitionStart(table, timeMs))
  for (const startMs of starts) {
    const name = partitionName(table, startMs)
    if (!names.has(name)) missing.set(name, startMs)
  }
  if (missing.size === 0) return
  await makePartitions([...missing].map(([name, startMs]) => ({ table, name, startMs })))
  for (const name of missing.keys()) names.add(name)
}

/** Start of the partition that holds this time. */
const partitionStart = (table: PartitionedTable, timeMs: number): number => {
  const { widthMs } = PARTITIONED[table]
  return Math.floor(timeMs / widthMs) * widthMs
}

/** `edge_bucket_15s_p2026112612`: the hour, UTC, in which it begins. */
export const partitionName = (table: PartitionedTable, startMs: number): string =>
  `${table}_p${new Date(startMs).toISOString().replace(/\D/g, '').slice(0, 10)}`

async function makePartitions(
  wanted: readonly { readonly table: PartitionedTable; readonly name: string; readonly startMs: number }[],
): Promise<void> {
  await withOwnConnection(async (client) => {
    for (const { table, name, startMs } of wanted) {
      await client.query('BEGIN')
      await client.query('SELECT pg_advisory_xact_lock($1)', [DDL_LOCK])
      const { rows } = await client.query<{ isThere: boolean }>(
        `SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass($1) AND relispartition) AS "isThere"`,
        [name],
      )
      if (!rows[0]?.isThere) {
        const partitioning = partitioningOf(table)
        const storage = partitioning.storage ? `WITH (${partitioning.storage})` : ''
        const [from, to] = [startMs, startMs + partitioning.widthMs].map((ms) => boundOf(table, ms))
        // Left behind by a detach whose drop did not come to pass: its rows are past retention.
        await dropDetached(client, table, name)
        await client.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) ${storage}`)
        await client.query(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('', ${from}) TO ('', ${to})`)
      }
      await client.query('COMMIT')
    }
  })
}

function boundOf(table: PartitionedTable, ms: number): string {
  const { time } = partitioningOf(table)
  if (time === 'timestamp') return `'${new Date(ms).toISOString()}'`
  return time === 'ns' ? (BigInt(ms) * 1_000_000n).toString() : String(ms / UNIT_MS[time])
}

async function withOwnConnection<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl(),
    application_name: 'postern-partitions',
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
  })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** A partition of live data, as the database has it. */
export interface LivePartition {
  readonly table: PartitionedTable
  readonly name: string
  /** Half-open: rows of `[fromMs, toMs)`. */
  readonly fromMs: number
  readonly toMs: number
  readonly bytes: number
}

/** The partitions of live data of one table, oldest first. */
export async function listPartitions(table: PartitionedTable): Promise<LivePartition[]> {
  const { rows } = await pool().query<{ name: string; bounds: string; bytes: number }>(
    `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds, pg_total_relation_size(c.oid)::float8 AS bytes
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass AND NOT i.inhdetachpending`,
    [table],
  )
  return rows
    .flatMap(({ name, bounds, bytes }) => {
      const match = /^FOR VALUES FROM \('', '?([^']+?)'?\) TO \('', '?([^']+?)'?\)$/.exec(bounds)
      const [fromMs, toMs] = [match?.[1], match?.[2]].map((bound) =>
        bound === undefined ? Number.NaN : timeOf(table, bound),
      )
      return fromMs !== undefined && toMs !== undefined && fromMs < toMs ? [{ table, name, fromMs, toMs, bytes }] : []
    })
    .sort((a, b) => a.fromMs - b.fromMs)
}

/** A bound as PostgreSQL writes it: a number, or a timestamp with its offset from UTC. */
function timeOf(table: PartitionedTable, bound: string): number {
  const { time } = partitioningOf(table)
  if (time === 'timestamp') return Date.parse(bound.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
  // Bounds are whole hours.
  return time === 'ns' ? Number(BigInt(bound) / 1_000_000n) : Number(bound) * UNIT_MS[time]
}

/**
 * Drops a partition without making writers wait: DETACH CONCURRENTLY waits for transactions that still see it, holding
 * nothing that an insert needs, and only then is the table dropped. Safe to repeat after a crash at any point.
 */
export async function dropPartition({ table, name }: LivePartition): Promise<void> {
  await withOwnConnection(async (client) => {
    await client.query(`ALTER TABLE ${table} DETACH PARTITION ${name} ${await howToDetach(client)}`)
    await inTransaction(client, () => dropDetached(client, table, name))
  })
  knownPartitions().delete(name)
}

/** Distributed tables cannot detach beside their writers: there it waits for its lock for a moment, and tries again with the next pass. */
async function howToDetach(client: pg.Client): Promise<string> {
  const { rows } = await client.query(`SELECT FROM pg_extension WHERE extname = 'citus'`)
  if (rows.length === 0) return 'CONCURRENTLY'
  await client.query(`SET lock_timeout = '500ms'`)
  return ''
}

/** Drops what is attached to nothing any more, if it is there; in one transaction with what it leaves behind, so that this counts once. */
async function dropDetached(client: pg.Client, table: PartitionedTable, name: string): Promise<void> {
  const { rows } = await client.query<{ isThere: boolean }>('SELECT to_regclass($1) IS NOT NULL AS "isThere"', [name])
  if (!rows[0]?.isThere) return
  const { leave } = partitioningOf(table)
  // First the lock: whoever else drops it finds it gone, and adds nothing up again.
  await client.query(`LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`)
  if (leave) await client.query(leave(name))
  await client.query(`DROP TABLE ${name}`)
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN')
  await client.query('SELECT pg_advisory_xact_lock($1)', [DDL_LOCK])
  await work()
  await client.query('COMMIT')
}

/** Ends what a crash left of earlier drops: half-detached partitions, and detached ones that were not dropped. */
export async function finishDrops(): Promise<void> {
  for (const table of partitionedTables()) {
    const { rows } = await pool().query<{ name: string; isPending: boolean }>(
      `SELECT c.relname AS name, coalesce(i.inhdetachpending, false) AS "isPending"
       FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
       WHERE c.relkind = 'r' AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = $1::regclass)
         AND c.relname ~ ('^' || $1 || '_p[0-9]{10}$') AND (i.inhrelid IS NULL OR i.inhdetachpending)`,
      [table],
    )
    for (const { name, isPending } of rows)
      await withOwnConnection(async (client) => {
        if (isPending) await client.query(`ALTER TABLE ${table} DETACH PARTITION ${name} FINALIZE`)
        await inTransaction(client, () => dropDetached(client, table, name))
        knownPartitions().delete(name)
      })
  }
}
