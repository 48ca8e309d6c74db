import 'server-only'
import type { Queryable } from './client'

/** Channel of graph changes. */
export const GRAPH_CHANNEL = 'postern_graph'

/** A dataset and a cluster of it whose graphs changed; an empty cluster means all of them. */
export interface GraphChange {
  readonly dataset: string
  readonly cluster: string
  /** True where connections wait to be judged. */
  readonly egress: boolean
}

/** More scopes of one commit are not listed: readers then take everything as changed. */
const MAX_SCOPES = 200

/**
 * Tells every replica, on COMMIT, that graphs of these clusters changed: a row says what (lib/store/graph-changes.ts), a
 * notification of bounded size says when, and whether the judge has work. Call it last in a transaction: the row lives two
 * minutes, counted from the call.
 */
export async function notifyGraph(client: Queryable, changes: readonly GraphChange[]): Promise<void> {
  if (changes.length === 0) return
  const scopes = new Map(changes.map((change) => [`${change.dataset}\n${change.cluster}`, change]))
  const listed = scopes.size > MAX_SCOPES ? [] : [...scopes.values()]
  await client.query(
    `WITH c AS (
       INSERT INTO graph_change (xid, revision, datasets, clusters, at)
       VALUES (pg_current_xact_id()::text::bigint, nextval('graph_revision'), $1::text[], $2::text[], clock_timestamp())
       RETURNING revision)
     SELECT pg_notify('${GRAPH_CHANNEL}', json_build_object('revision', c.revision::text, 'egress', $3::bool)::text) FROM c`,
    [
      listed.map((change) => change.dataset),
      listed.map((change) => change.cluster),
      changes.some((change) => change.egress),
    ],
  )
}
