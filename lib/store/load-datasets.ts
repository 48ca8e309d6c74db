import 'server-only'
import type { DatasetName } from '@/lib/model/dataset'
import type { SourceName } from '@/lib/model/source-name'
import { appendAudit } from './audit-log'
import { query, withTransaction } from './client'

interface Row {
  readonly name: string
  readonly title: string | null
  readonly createdMs: number
  readonly deletingMs: number | null
}

const COLUMNS = `name, title, (extract(epoch FROM created_at) * 1000)::float8 AS "createdMs",
  (extract(epoch FROM deleting_at) * 1000)::float8 AS "deletingMs"`

const nameOf = ({ name, title, createdMs, deletingMs }: Row): DatasetName => ({
  name,
  createdMs,
  ...(title !== null && { title }),
  ...(deletingMs !== null && { deletingMs }),
})

/** Pinned datasets, newest first, at most `limit`, and how many there are in all. */
export async function loadPinnedDatasets(limit: number): Promise<{ datasets: DatasetName[]; total: number }> {
  const rows = await query<Row & { total: number }>(
    `SELECT ${COLUMNS}, (count(*) OVER ())::float8 AS total FROM dataset WHERE name <> '' ORDER BY created_at DESC, name LIMIT $1`,
    [limit],
  )
  return { datasets: rows.map(nameOf), total: rows[0]?.total ?? 0 }
}

/** One pinned dataset; undefined where there is none by this name. */
export async function loadPinnedDataset(name: string): Promise<DatasetName | undefined> {
  const rows = await query<Row>(`SELECT ${COLUMNS} FROM dataset WHERE name = $1 AND name <> ''`, [name])
  return rows[0] && nameOf(rows[0])
}

/** Gives a pinned dataset a title, or with undefined takes it away. Undefined where there is none, or it is being deleted. */
export async function saveDatasetTitle(
  name: string,
  title: string | undefined,
  actor: string,
): Promise<DatasetName | undefined> {
  return withTransaction(async (client) => {
    const before = await client.query<{ title: string | null }>(
      `SELECT title FROM dataset WHERE name = $1 AND name <> '' AND deleting_at IS NULL FOR NO KEY UPDATE`,
      [name],
    )
    const [old] = before.rows
    if (!old) return undefined
    const { rows } = await client.query<Row>(`UPDATE dataset SET title = $2 WHERE name = $1 RETURNING ${COLUMNS}`, [
      name,
      title ?? null,
    ])
    const detail = { before: { title: old.title }, after: { title: title ?? null } }
    await appendAudit(client, { actor, action: 'dataset.rename', subject: `dataset/${name}`, detail })
    return rows[0] && nameOf(rows[0])
  })
}

export interface DatasetSources {
  readonly source: SourceName
  readonly cluster: string
  readonly accepted: number
  readonly lastMs: number | null
}

/** What the minutes of receipt tell: how many records each source brought to each cluster. A row per minute and source is read. */
export function loadDatasetSources(name: string): Promise<DatasetSources[]> {
  return query<DatasetSources>(
    `SELECT source, cluster, sum(accepted)::float8 AS accepted, (extract(epoch FROM max(last_record)) * 1000)::float8 AS "lastMs"
     FROM source_minute WHERE dataset = $1 GROUP BY source, cluster ORDER BY source, cluster`,
    [name],
  )
}
