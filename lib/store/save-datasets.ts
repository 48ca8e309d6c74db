import 'server-only'
import type { Queryable } from './client'
import { compareText } from './row-order'

/** Pinned datasets come to be when a body names them; the live one ('') is there from the start. */
export async function saveDatasets(client: Queryable, names: readonly string[]): Promise<void> {
  const pinned = [...new Set(names)].filter(Boolean).sort(compareText)
  if (pinned.length === 0) return
  await client.query('INSERT INTO dataset (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [pinned])
}
