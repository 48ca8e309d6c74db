import 'server-only'
import type { RowCount } from '@/lib/model/dataset'
import { query } from './client'
import { DATASET_TABLES, datasetTableNames } from './dataset-tables'

/** Rows of a table that are counted one by one: some milliseconds. Of more the planner's estimate is taken. */
const MOST_COUNTED = 100_000
/** Rows whose bytes are looked at. */
const SAMPLE = 200
/** Of a page beside each row. */
const LINE_POINTER_BYTES = 4
/** A table whose rows were deleted keeps its index pages: more than this says nothing of the rows that are left. */
const MOST_INDEX_SHARE = 3

/** Said twice so that partial indexes serve. */
const OF_DATASET = `dataset = $1 AND dataset <> '' AND length(dataset) > 0`

/** What is on disk of one table, its partitions and indexes among it. */
export interface TableOnDisk {
  readonly name: string
  /** True where partitions hold live rows only, but for the one of all pinned datasets. */
  readonly isPartitioned: boolean
  /** Without the partition of pinned datasets. */
  readonly bytes: number
  /** Bytes of indexes per byte of rows. */
  readonly indexShare: number
}

/** Sizes of all tables that hold rows of datasets. Reads sizes of files, no rows. */
export async function measureDisk(): Promise<TableOnDisk[]> {
  const rows = await query<Omit<TableOnDisk, 'indexShare'> & { readonly share: number | null }>(
    `SELECT r.name, count(*) > 1 AS "isPartitioned",
       coalesce(sum(pg_total_relation_size(r.relid)) FILTER (WHERE r.relid IS DISTINCT FROM to_regclass(r.name || '_pinned')), 0)::float8 AS bytes,
       (sum(pg_indexes_size(r.relid)) / nullif(sum(pg_table_size(r.relid)), 0))::float8 AS share
     FROM (SELECT u.name, u.name::regclass AS relid FROM unnest($1::text[]) AS u(name)
       UNION SELECT u.name, p.relid FROM unnest($1::text[]) AS u(name) CROSS JOIN LATERAL pg_partition_tree(u.name::regclass) p) r
     GROUP BY r.name`,
    [datasetTableNames()],
  )
  return rows.map(({ share, ...row }) => ({ ...row, indexShare: Math.min(MOST_INDEX_SHARE, share ?? 0) }))
}

export interface DatasetMeasure {
  /** By table. */
  readonly rows: ReadonlyMap<string, RowCount>
  /** By table, those that hang on others too: rows × the bytes of a sample, with their share of the table's indexes. */
  readonly bytes: ReadonlyMap<string, number>
}

/**
 * How many rows of each table a pinned dataset has, and about how many bytes they are. Cost: at most `mostCounted` index entries and 200
 * rows of each table, whatever its size.
 */
export async function measureDataset(
  name: string,
  disk: readonly TableOnDisk[],
  mostCounted = MOST_COUNTED,
): Promise<DatasetMeasure> {
  const samples = await query<{ name: string; parent: string; counted: number; mean: number }>(
    DATASET_TABLES.flatMap(({ table, hanging = [] }) => [
      sampleOf(table, mostCounted),
      ...hanging.map((below) => sampleBelow(below.table, below.by, table)),
    ]).join('\nUNION ALL '),
    [name],
  )
  const rows = new Map<string, RowCount>()
  for (const sample of samples)
    if (sample.name === sample.parent) rows.set(sample.name, await countOf(sample, name, mostCounted))
  const indexShare = new Map(disk.map((table) => [table.name, table.indexShare]))
  const bytes = samples.map(({ name: table, parent, mean }): [string, number] => [
    table,
    (rows.get(parent)?.rows ?? 0) * mean * (1 + (indexShare.get(table) ?? 0)),
  ])
  return { rows, bytes: new Map(bytes) }
}

/** Rows of a table up to the bound and one more, and the mean bytes of some of them. */
const sampleOf = (table: string, mostCounted: number): string =>
  `SELECT '${table}' AS name, '${table}' AS parent,
     (SELECT count(*) FROM (SELECT FROM ${table} WHERE ${OF_DATASET} LIMIT ${mostCounted + 1}) c)::float8 AS counted,
     coalesce((SELECT avg(pg_column_size(s.t) + ${LINE_POINTER_BYTES}) FROM (SELECT t FROM ${table} t WHERE ${OF_DATASET} LIMIT ${SAMPLE}) s), 0)::float8 AS mean`

/** Mean bytes of all that hangs on one row of `parent`. */
const sampleBelow = (table: string, by: string, parent: string): string =>
  `(WITH parents AS MATERIALIZED (SELECT id FROM ${parent} WHERE ${OF_DATASET} LIMIT ${SAMPLE})
   SELECT '${table}', '${parent}', 0::float8,
     (coalesce(sum(pg_column_size(s.t) + ${LINE_POINTER_BYTES}), 0) / greatest(1, (SELECT count(*) FROM parents)))::float8
   FROM (SELECT t FROM parents p JOIN ${table} t ON t.${by} = p.id) s)`

async function countOf(
  sample: { readonly name: string; readonly counted: number },
  name: string,
  mostCounted: number,
): Promise<RowCount> {
  if (sample.counted <= mostCounted) return { rows: sample.counted, isEstimate: false }
  const plan = await query<{ 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[] }>(
    `EXPLAIN (FORMAT JSON) SELECT FROM ${sample.name} WHERE ${OF_DATASET}`,
    [name],
  )
  return { rows: Math.max(sample.counted, plan[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0), isEstimate: true }
}
