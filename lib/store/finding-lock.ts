import 'server-only'
import type { Queryable } from './client'
import { contentId } from './content-id'

/** Whoever changes findings, incidents or what happened to them holds this until COMMIT; taken for as short as it takes to write. */
export async function lockFindingChanges(client: Queryable): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [contentId('findings')])
}

/**
 * Whoever plans holds this from before it reads what it plans over until COMMIT: what one replica reads is never older than what
 * another planned. Taken before the lock of changes.
 */
export async function lockPlanning(client: Queryable): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [contentId('finding plans')])
}
