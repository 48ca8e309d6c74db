import 'server-only'
import type { RowCount } from '@/lib/model/dataset'
import { query } from './client'
import { DATASET_TABLES, datasetTableNames, type HangingTable } from './dataset-tables'

/** Rows of a table that are counted one by one: some milliseconds. Of more the planner's estimate is taken. */
const MOST_COUNTED = 100_000
/** Rows whose bytes are looked at. */
const SAMPLE = 200
/** Of a page beside each row. */
const LINE_POINTER_BYTES = 4
/** A table whose rows were deleted keeps its index pages: more than this says nothing of the rows that are left. */
const MOST_INDEX_SHARE = 3

export interface DatasetMeasure {
  /** By table. */
  readonly rows: ReadonlyMap<string, RowCount>
  /** Rows × the bytes of a sample, and their share of the table's indexes. */
  readonly bytes: number
}

/** How many rows of each table a pinned dataset has, and about how many bytes they are. Bounded, whatever its size. */
export async function measureDataset(name: string, mostCounted = MOST_COUNTED): Promise<DatasetMeasure> {
  const rows = new Map<string, RowCount>()
  let bytes = 0
  for (const { table, hanging = [] } of DATASET_TABLES) {
    const count = await countRows(table, name, mostCounted)
    rows.set(table, count)
    if (count.rows === 0) continue
    bytes +=
      count.rows * (await bytesOfRow(`SELECT t FROM ${table} t WHERE ${OF_DATASET} LIMIT ${SAMPLE}`, table, name))
    for (const below of hanging) bytes += count.rows * (await bytesHanging(below, table, name))
  }
  return { rows, bytes: Math.round(bytes) }
}

const OF_DATASET = `dataset = $1 AND dataset <> ''`

async function countRows(table: string, name: string, mostCounted: number): Promise<RowCount> {
  const counted = await query<{ n: number }>(
    `SELECT count(*)::int AS n FROM (SELECT FROM ${table} WHERE ${OF_DATASET} LIMIT ${mostCounted + 1}) c`,
    [name],
  )
  const rows = counted[0]?.n ?? 0
  if (rows <= mostCounted) return { rows, isEstimate: false }
  const plan = await query<{ 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[] }>(
    `EXPLAIN (FORMAT JSON) SELECT FROM ${table} WHERE ${OF_DATASET}`,
    [name],
  )
  return { rows: Math.max(rows, plan[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0), isEstimate: true }
}

/** Mean bytes of a row that `sample` selects as `t`, with its share of the table's indexes. */
async function bytesOfRow(sample: string, table: string, name: string): Promise<number> {
  const [mean] = await query<{ bytes: number | null }>(
    `SELECT avg(pg_column_size(s.t) + ${LINE_POINTER_BYTES})::float8 AS bytes FROM (${sample}) s`,
    [name],
  )
  return (mean?.bytes ?? 0) * (1 + (await indexShare(table)))
}

/** Mean bytes of all that hangs on one row of `parent`. */
async function bytesHanging({ table, by }: HangingTable, parent: string, name: string): Promise<number> {
  const parents = `SELECT id FROM ${parent} WHERE ${OF_DATASET} LIMIT ${SAMPLE}`
  const [sum] = await query<{ bytes: number }>(
    `WITH parents AS MATERIALIZED (${parents})
     SELECT (coalesce(sum(pg_column_size(s.t) + ${LINE_POINTER_BYTES}), 0) / greatest(1, (SELECT count(*) FROM parents)))::float8 AS bytes
     FROM (SELECT t FROM parents p JOIN ${table} t ON t.${by} = p.id) s`,
    [name],
  )
  return (sum?.bytes ?? 0) * (1 + (await indexShare(table)))
}

/** The table and its partitions: `pg_partition_tree` alone knows nothing of a table without any. */
const RELATIONS = `SELECT u.name::regclass AS relid FROM unnest($1::text[]) AS u(name)
  UNION SELECT p.relid FROM unnest($1::text[]) AS u(name) CROSS JOIN LATERAL pg_partition_tree(u.name::regclass) p`

/** Bytes of indexes per byte of rows. */
async function indexShare(table: string): Promise<number> {
  const [share] = await query<{ share: number | null }>(
    `SELECT (sum(pg_indexes_size(r.relid)) / nullif(sum(pg_table_size(r.relid)), 0))::float8 AS share FROM (${RELATIONS}) r`,
    [[table]],
  )
  return Math.min(MOST_INDEX_SHARE, share?.share ?? 0)
}

/** Bytes on disk of the rows of all datasets, with indexes. */
export async function measureAllDatasets(): Promise<number> {
  const [sum] = await query<{ bytes: number }>(
    `SELECT coalesce(sum(pg_total_relation_size(r.relid)), 0)::float8 AS bytes FROM (${RELATIONS}) r`,
    [datasetTableNames()],
  )
  return sum?.bytes ?? 0
}
