import 'server-only'
import type { Queryable } from './client'
import { contentId } from './content-id'
import { byId } from './row-order'

/**
 * Waits until no other transaction changes the egress connections of these clusters, until the end of this one. Every
 * writer of egress_connection takes it before its first row, so that grouping reads what it will overwrite.
 */
export async function lockConnections(
  client: Queryable,
  scopes: readonly { readonly dataset: string; readonly cluster: string }[],
): Promise<void> {
  const ids = scopes.map((scope) => contentId('connections', scope.dataset, scope.cluster))
  // One at a time, in order: an ORDER BY would not promise in which order the rows are locked.
  for (const id of byId(ids, (item) => item)) await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [id])
}
