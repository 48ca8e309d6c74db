import 'server-only'
import { POSTERN_ACTOR } from '@/lib/model/audit'
import { appendAudit } from './audit-log'
import { type Queryable, query, withTransaction } from './client'
import { lockSpans } from './commit-spans'
import { contentId } from './content-id'
import { DATASET_TABLES, type DatasetTable } from './dataset-tables'
import { lockFindingChanges } from './finding-lock'
import { lockConnections } from './lock-connections'
import { notifyGraph } from './notify-graph'
import { lockRollUps } from './roll-up-buckets'

/** Rows of one transaction: writers that share a lock with it wait for some 50 ms. */
const ROWS_AT_ONCE = 5000

/**
 * Marks a pinned dataset as being deleted: once this answers, no record of it is committed any more. Waits for the commits that
 * go on. False where there is none by this name. Marking again changes nothing.
 */
export async function markDeleting(name: string, actor = POSTERN_ACTOR): Promise<boolean> {
  return withTransaction(async (client) => {
    const { rows } = await client.query<{ isMarked: boolean }>(
      `SELECT deleting_at IS NOT NULL AS "isMarked" FROM dataset WHERE name = $1 AND name <> '' FOR NO KEY UPDATE`,
      [name],
    )
    const [dataset] = rows
    if (!dataset || dataset.isMarked) return dataset !== undefined
    await client.query('UPDATE dataset SET deleting_at = now() WHERE name = $1', [name])
    await appendAudit(client, { actor, action: 'dataset.delete', subject: `dataset/${name}`, detail: {} })
    return true
  })
}

/** Datasets whose deletion is not done, the oldest first. */
export async function loadDeleting(): Promise<string[]> {
  const rows = await query<{ name: string }>(
    'SELECT name FROM dataset WHERE deleting_at IS NOT NULL ORDER BY deleting_at, name',
  )
  return rows.map((row) => row.name)
}

/**
 * Deletes up to `rowsAtOnce` rows of a marked dataset, of one table, in one transaction; answers how many. 0 = nothing is left, and the
 * dataset itself is gone. Killed at any point, it is simply called again; several processes take turns. Touches rows of this
 * dataset only.
 */
export async function deleteSomeRows(name: string, rowsAtOnce = ROWS_AT_ONCE): Promise<number> {
  return withTransaction(async (client) => {
    // Whoever waits for another's rows here would take them for the last ones.
    await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [contentId('delete dataset', name)])
    const marked = await client.query('SELECT FROM dataset WHERE name = $1 AND deleting_at IS NOT NULL', [name])
    if (marked.rowCount === 0) return 0
    for (const table of DATASET_TABLES) {
      const scope = await lockedScope(client, table, name)
      const taken = scope ? await takeRows(client, table, scope, rowsAtOnce) : 0
      if (taken > 0) return taken
    }
    await client.query(`DELETE FROM dataset WHERE name = $1 AND name <> ''`, [name])
    await notifyGraph(client, [{ dataset: name, cluster: '', egress: false }])
    return 0
  })
}

/** Rows to take: a condition, and the values of its parameters. */
interface Scope {
  readonly where: string
  readonly values: readonly unknown[]
}

/** The rows of a dataset, once nobody else can write them; undefined for none. */
async function lockedScope(client: Queryable, { table, lock }: DatasetTable, name: string): Promise<Scope | undefined> {
  // Said twice so that partial indexes serve, and that no mistake reaches live data.
  const all: Scope = { where: `dataset = $1 AND dataset <> '' AND length(dataset) > 0`, values: [name] }
  if (lock === undefined) return all
  // The locks hold up their other writers: they are taken only where there is something to delete.
  const [cluster, order] = lock === 'connections' ? ['cluster', 'ORDER BY cluster'] : [`''`, '']
  const first = await client.query<{ cluster: string }>(
    `SELECT ${cluster} AS cluster FROM ${table} WHERE ${all.where} ${order} LIMIT 1`,
    [name],
  )
  const [row] = first.rows
  if (!row) return undefined
  if (lock === 'spans') await lockSpans(client, name)
  if (lock === 'findings') await lockFindingChanges(client)
  if (lock === 'roll-ups') await lockRollUps(client)
  if (lock !== 'connections') return all
  await lockConnections(client, [{ dataset: name, cluster: row.cluster }])
  return { where: `${all.where} AND cluster = $2`, values: [name, row.cluster] }
}

/**
 * Takes at most `limit` rows, after those that hang on them: rows on which too much hangs stay for the next transaction. Answers how
 * many rows of one table it took.
 */
async function takeRows(
  client: Queryable,
  { table, key, order = key, hanging = [] }: DatasetTable,
  scope: Scope,
  limit: number,
): Promise<number> {
  if (hanging.length > 0) {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id::text FROM ${table} WHERE ${scope.where} ORDER BY ${order.join(', ')} LIMIT ${limit}`,
      [...scope.values],
    )
    const ids = rows.map((row) => row.id)
    if (ids.length === 0) return 0
    for (const { table: below, key: belowKey, by } of hanging) {
      const of = `SELECT ${belowKey.join(', ')} FROM ${below} WHERE ${by} = ANY($1::bigint[]) LIMIT ${limit}`
      const taken = await deleteRows(client, below, belowKey, { rows: of, values: [ids] })
      if (taken === limit) return taken
    }
  }
  const rows = `SELECT ${key.join(', ')} FROM ${table} WHERE ${scope.where} ORDER BY ${order.join(', ')} LIMIT ${limit}`
  return deleteRows(client, table, [...key, 'dataset'], { rows, values: scope.values })
}

/** Deletes the rows of a table whose key is among `rows`, a query. */
async function deleteRows(
  client: Queryable,
  table: string,
  key: readonly string[],
  { rows, values }: { readonly rows: string; readonly values: readonly unknown[] },
): Promise<number> {
  const isTaken = key.map((column) => (column === 'dataset' ? 't.dataset = $1' : `t.${column} = taken.${column}`))
  const { rowCount } = await client.query(
    `DELETE FROM ${table} t USING (${rows}) taken WHERE ${isTaken.join(' AND ')}`,
    [...values],
  )
  return rowCount ?? 0
}
