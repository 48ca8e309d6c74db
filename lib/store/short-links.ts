import 'server-only'
import { hash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { LIMITS } from '@/lib/model/limits'
import { appendAudit } from './audit-log'
import { query, withTransaction } from './client'
import { storeText } from './store-json'

const hashOf = (path: string): Buffer => hash('sha256', path, 'buffer')

/**
 * The code of a path: the one that it has, else `code`. Answers the code in force; using it again keeps it. Throws `conflict` where
 * `shortLinks` exist.
 */
export async function saveShortLink(path: string, code: string, actor: string): Promise<string> {
  return withTransaction(async (client) => {
    const { rows: known } = await client.query<{ code: string }>(
      'UPDATE short_link SET last_used_at = now() WHERE path_hash = $1 RETURNING code',
      [hashOf(path)],
    )
    if (known[0]) return known[0].code
    // A bound on space, not a promise to the row: two at once may pass it by one.
    const { rows: counted } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM short_link')
    if ((counted[0]?.count ?? 0) >= LIMITS.shortLinks)
      throw new AppError('conflict', `there are ${LIMITS.shortLinks} short links already (shortLinks)`, {
        hint: 'Copy the long link. Short ones that nobody opens for half a year go.',
      })
    const { rows } = await client.query<{ code: string; isNew: boolean }>(
      `INSERT INTO short_link (code, path, path_hash) VALUES ($1, $2, $3)
       ON CONFLICT (path_hash) DO UPDATE SET last_used_at = now() RETURNING code, xmax = 0 AS "isNew"`,
      [code, storeText(path), hashOf(path)],
    )
    const [link] = rows
    if (!link) throw new Error('INSERT returned no row')
    if (link.isNew)
      await appendAudit(client, {
        actor,
        action: 'short-link.create',
        subject: `short-link/${link.code}`,
        detail: { path },
      })
    return link.code
  })
}

/** The path of a code; undefined where there is none. Notes, once a day, that it was used. */
export async function loadShortLink(code: string): Promise<string | undefined> {
  const rows = await query<{ path: string; isOld: boolean }>(
    `SELECT path, last_used_at < now() - interval '1 day' AS "isOld" FROM short_link WHERE code = $1`,
    [code],
  )
  const [link] = rows
  if (link?.isOld) await query('UPDATE short_link SET last_used_at = now() WHERE code = $1', [code])
  return link?.path
}
