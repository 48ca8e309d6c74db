import 'server-only'
import type { Queryable } from './client'

/** Channel of graph changes. */
export const GRAPH_CHANNEL = 'postern_graph'

/** What a notification says; receivers read the rest. */
export interface GraphChange {
  readonly revision: string
  readonly dataset: string
  readonly cluster: string
  /** True where connections wait to be judged. */
  readonly egress: boolean
}

/** Tells every replica, on COMMIT, that graphs of these clusters changed. Revisions may arrive out of order. */
export async function notifyGraph(client: Queryable, changes: readonly Omit<GraphChange, 'revision'>[]): Promise<void> {
  if (changes.length === 0) return
  await client.query(
    `WITH r AS MATERIALIZED (SELECT nextval('graph_revision')::text AS revision)
     SELECT pg_notify('${GRAPH_CHANNEL}', json_build_object('revision', r.revision, 'dataset', u.dataset, 'cluster', u.cluster, 'egress', u.egress)::text)
     FROM r, unnest($1::text[], $2::text[], $3::bool[]) AS u(dataset, cluster, egress)`,
    [
      changes.map((change) => change.dataset),
      changes.map((change) => change.cluster),
      changes.map((change) => change.egress),
    ],
  )
}
