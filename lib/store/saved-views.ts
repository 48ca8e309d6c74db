import 'server-only'
import { AppError } from '@/lib/errors'
import { LIMITS } from '@/lib/model/limits'
import type { SavedView } from '@/lib/model/saved-view'
import { appendAudit } from './audit-log'
import { type Queryable, query, withTransaction } from './client'
import { storeText } from './store-json'

const COLUMNS = 'id::text, name, path, owner, (extract(epoch FROM created_at) * 1000)::float8 AS "createdMs"'

/** All of them, by name: as many as `savedViews` at most. */
export const listSavedViews = (): Promise<SavedView[]> =>
  query<SavedView>(`SELECT ${COLUMNS} FROM saved_view ORDER BY lower(name), name LIMIT ${LIMITS.savedViews}`)

/** Stores a view under a name. Throws `conflict` where the name is taken, or there are `savedViews` already. */
export async function insertSavedView(
  { name, path }: Pick<SavedView, 'name' | 'path'>,
  actor: string,
): Promise<SavedView> {
  return withTransaction(async (client) => {
    // Changes take turns: two at once must not pass the bound together.
    await client.query('LOCK TABLE saved_view IN SHARE ROW EXCLUSIVE MODE')
    const { rows: counted } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM saved_view')
    if ((counted[0]?.count ?? 0) >= LIMITS.savedViews)
      throw new AppError('conflict', `there are ${LIMITS.savedViews} saved views already (savedViews)`, {
        hint: 'Delete one that nobody uses.',
      })
    await refuseTaken(client, name, undefined)
    const { rows } = await client.query<SavedView>(
      `INSERT INTO saved_view (name, path, owner) VALUES ($1, $2, $3) RETURNING ${COLUMNS}`,
      [storeText(name), storeText(path), storeText(actor)],
    )
    const [view] = rows
    if (!view) throw new Error('INSERT returned no row')
    await appendAudit(client, { actor, action: 'view.save', subject: `view/${view.id}`, detail: { name, path } })
    return view
  })
}

/** Gives a view another name. Throws `not_found`, or `conflict` where the name is taken. */
export async function renameSavedView(id: string, name: string, actor: string): Promise<void> {
  await withTransaction(async (client) => {
    await client.query('LOCK TABLE saved_view IN SHARE ROW EXCLUSIVE MODE')
    const { rows } = await client.query<{ name: string }>('SELECT name FROM saved_view WHERE id = $1::uuid', [id])
    const before = rows[0]?.name
    if (before === undefined) throw new AppError('not_found', 'no such view')
    if (before === name) return
    await refuseTaken(client, name, id)
    await client.query('UPDATE saved_view SET name = $2 WHERE id = $1::uuid', [id, storeText(name)])
    const detail = { before: { name: before }, after: { name } }
    await appendAudit(client, { actor, action: 'view.rename', subject: `view/${id}`, detail })
  })
}

/** Deletes a view; links to it are links of their own and stay. Throws `not_found`. */
export async function deleteSavedView(id: string, actor: string): Promise<void> {
  await withTransaction(async (client) => {
    const { rows } = await client.query<{ name: string; path: string }>(
      'DELETE FROM saved_view WHERE id = $1::uuid RETURNING name, path',
      [id],
    )
    const [view] = rows
    if (!view) throw new AppError('not_found', 'no such view')
    await appendAudit(client, { actor, action: 'view.delete', subject: `view/${id}`, detail: view })
  })
}

async function refuseTaken(client: Queryable, name: string, id: string | undefined): Promise<void> {
  const { rows } = await client.query(
    'SELECT FROM saved_view WHERE name = $1 AND ($2::uuid IS NULL OR id <> $2::uuid)',
    [storeText(name), id ?? null],
  )
  if (rows.length > 0) throw new AppError('conflict', 'another view has this name', { hint: 'Choose another name.' })
}
