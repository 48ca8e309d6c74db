import 'server-only'
import { AppError } from '@/lib/errors'
import type { GraphLayout } from '@/lib/model/graph-layout'
import { LIMITS } from '@/lib/model/limits'
import { type Queryable, query, withTransaction } from './client'
import { storeJson } from './store-json'

/** As stored; checked by whoever reads it. */
interface LayoutRow {
  readonly nodes: unknown
  readonly routes: unknown
}

/** A view is looked at again: told to the day, so that looking hardly writes. */
const TOUCH = `UPDATE graph_layout SET used_at = now()
  WHERE dataset = $1 AND view_key = $2 AND used_at < now() - interval '1 day'`

/** What is remembered of a view of a dataset; undefined where nothing is. */
export async function loadGraphLayout(dataset: string, key: string): Promise<LayoutRow | undefined> {
  const [row] = await query<{ nodes: unknown; routes: unknown; isOld: boolean }>(
    `SELECT nodes, routes, used_at < now() - interval '1 day' AS "isOld" FROM graph_layout WHERE dataset = $1 AND view_key = $2`,
    [dataset, key],
  )
  if (row?.isOld) await query(TOUCH, [dataset, key])
  return row
}

/**
 * Changes what is remembered of a view, one at a time, and answers it; `change` gets what was, undefined where that was nothing.
 * A view too many takes the place of the one that nobody looked at for longest. Throws `not_found` where there is no such
 * dataset, or it is being deleted.
 */
export async function changeGraphLayout(
  dataset: string,
  key: string,
  change: (stored: LayoutRow | undefined) => GraphLayout,
): Promise<GraphLayout> {
  return withTransaction(async (client) => {
    if (dataset !== '') await holdDataset(client, dataset)
    const made = await client.query(
      `INSERT INTO graph_layout (dataset, view_key, nodes, routes) VALUES ($1, $2, '[]', '[]') ON CONFLICT DO NOTHING`,
      [dataset, key],
    )
    const { rows } = await client.query<{ nodes: unknown; routes: unknown }>(
      'SELECT nodes, routes FROM graph_layout WHERE dataset = $1 AND view_key = $2 FOR UPDATE',
      [dataset, key],
    )
    const isNew = made.rowCount === 1
    const layout = change(isNew ? undefined : rows[0])
    await client.query(
      'UPDATE graph_layout SET nodes = $3::jsonb, routes = $4::jsonb, used_at = now() WHERE dataset = $1 AND view_key = $2',
      [dataset, key, storeJson(layout.nodes), storeJson(layout.routes)],
    )
    if (isNew) await forgetOldest(client)
    return layout
  })
}

async function holdDataset(client: Queryable, dataset: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM dataset WHERE name = $1 AND deleting_at IS NULL FOR SHARE', [
    dataset,
  ])
  if (rowCount !== 1) throw new AppError('not_found', 'no such dataset')
}

/** Skips views that somebody is changing: those are looked at. */
async function forgetOldest(client: Queryable): Promise<void> {
  await client.query(
    `DELETE FROM graph_layout WHERE (dataset, view_key) IN (
       SELECT dataset, view_key FROM graph_layout ORDER BY used_at DESC, dataset, view_key OFFSET $1 FOR UPDATE SKIP LOCKED)`,
    [LIMITS.layoutViews],
  )
}
