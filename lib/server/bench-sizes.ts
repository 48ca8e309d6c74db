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

/** What evidence rows have in common, once a day: their dictionaries. */
const SHARED = ['flow_shape', 'flow_part'] as const

/** Bytes on disk: per row of the tables that grow, and of the whole database per flow that was taken in. */
export function sizesStage(url: string, flows: number): Promise<Comparison[]> {
  return withClient(url, async (client) => {
    // Of a table with partitions the tree has the leaves, of any other nothing.
    const sizeOf = async (table: string): Promise<{ bytes: number; count: number }> => {
      const { rows } = await client.query<{ bytes: number; count: number }>(
        `SELECT coalesce((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree($1::regclass) WHERE isleaf), pg_total_relation_size($1::regclass))::float8 AS bytes,
           (SELECT count(*) FROM ${table})::float8 AS count`,
        [table],
      )
      return rows[0] ?? { bytes: Number.NaN, count: Number.NaN }
    }
    const comparisons: Comparison[] = []
    let evidence = { bytes: Number.NaN, count: Number.NaN }
    for (const { table, name, goalBytes } of TABLES) {
      const { bytes, count } = await sizeOf(table)
      if (table === 'flow_record') evidence = { bytes, count }
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
    const shared = await Promise.all(SHARED.map(sizeOf))
    comparisons.push({
      name: 'evidence row with its share of the dictionaries',
      ours: (evidence.bytes + shared.reduce((sum, { bytes }) => sum + bytes, 0)) / evidence.count,
      limit: evidence.bytes / evidence.count,
      unit: 'bytes',
      limitName: 'the row alone',
    })
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
