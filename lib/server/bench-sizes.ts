import { withClient } from './bench-database'
import type { Comparison } from './bench-report'

/** Bytes of a line of the load, for the comparison with what came in. */
const LINE_BYTES = 2352

/** Tables whose bytes per row have a goal, indexes included. */
const TABLES = [
  { table: 'edge_bucket_15s', name: 'bucket of 15 s', goalBytes: 120 },
  { table: 'edge_bucket_1m', name: 'bucket of 1 min', goalBytes: 120 },
  { table: 'edge_bucket_1h', name: 'bucket of 1 h', goalBytes: 120 },
  { table: 'flow_record', name: 'evidence row', goalBytes: 170 },
] as const

/** Bytes on disk: per row of the tables that grow, and of the whole database per flow that was taken in. */
export function sizesStage(url: string, flows: number): Promise<Comparison[]> {
  return withClient(url, async (client) => {
    const comparisons: Comparison[] = []
    for (const { table, name, goalBytes } of TABLES) {
      // Of a table with partitions the tree has the leaves, of any other nothing.
      const { rows } = await client.query<{ bytes: number; rows: number }>(
        `SELECT (SELECT coalesce((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree($1::regclass) WHERE isleaf), pg_total_relation_size($1::regclass)))::float8 AS bytes,
           (SELECT count(*) FROM ${table})::float8 AS rows`,
        [table],
      )
      const { bytes, rows: count } = rows[0] ?? { bytes: Number.NaN, rows: Number.NaN }
      comparisons.push({
        name,
        note: `${count.toLocaleString('en-US')} rows`,
        ours: bytes / count,
        limit: goalBytes,
        unit: 'bytes',
        limitName: 'what the design allows, indexes included',
        goal: { is: 'at most', ratio: 1 },
      })
    }
    const { rows } = await client.query<{ bytes: number }>(
      'SELECT pg_database_size(current_database())::float8 AS bytes',
    )
    comparisons.push({
      name: 'the whole database, per flow taken in',
      note: 'what retention dropped is not there any more',
      ours: (rows[0]?.bytes ?? Number.NaN) / flows,
      limit: LINE_BYTES,
      unit: 'bytes',
      limitName: 'the line that told of it',
    })
    return comparisons
  })
}
