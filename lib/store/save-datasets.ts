import 'server-only'
import { AppError } from '@/lib/errors'
import type { Queryable } from './client'
import { compareText } from './row-order'

/**
 * Pinned datasets come to be when a body names them; the live one ('') is there from the start. Until the end of this
 * transaction nobody can begin to delete them. First of all that a writer does: whoever waits for a deletion holds nothing.
 * Throws `conflict` where one is being deleted.
 */
export async function saveDatasets(client: Queryable, names: readonly string[]): Promise<void> {
  const pinned = [...new Set(names)].filter(Boolean).sort(compareText)
  if (pinned.length === 0) return
  await client.query('INSERT INTO dataset (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [pinned])
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM dataset WHERE name = ANY($1::text[]) AND deleting_at IS NULL ORDER BY name FOR SHARE',
    [pinned],
  )
  const kept = new Set(rows.map((row) => row.name))
  const refused = pinned.find((name) => !kept.has(name))
  if (refused !== undefined)
    throw new AppError('conflict', `the dataset ${refused} is being deleted`, {
      hint: 'Nothing was stored. Send again once it is gone from the Datasets page, or name another dataset.',
    })
}
