import 'server-only'
import { query } from './client'
import { listenForGraphChanges } from './listen'

/** What commits changed; `everything` where it cannot be told apart. */
export type GraphChanges = 'everything' | readonly { readonly dataset: string; readonly cluster: string }[]

/** How long a change can be read: whoever asks more rarely than half of it takes everything as changed. */
const KEPT_MS = 120_000
const PRUNE_MS = 30_000

interface Row {
  readonly snapshot: string
  /** NULL where nothing changed; empty where more changed than was listed. */
  readonly datasets: string[] | null
  readonly clusters: string[] | null
}

/**
 * A reader of what changed: each call answers what became visible since the last call that answered, exactly: a snapshot of
 * the last call says which transactions it saw, so that one which takes its revision early and commits late is told then, and none is told
 * twice. `everything` at first, after a failure, after a minute, and after the connection that listens was lost. Calls
 * must not overlap. Reads by primary key. Errors: `unavailable`.
 */
export function graphChangeReader(): () => Promise<GraphChanges> {
  let seen: { readonly snapshot: string; readonly atMs: number } | undefined
  let prunedMs = Number.NEGATIVE_INFINITY
  listenForGraphChanges((payload) => {
    if (payload === undefined) seen = undefined
  })
  return async () => {
    const last = seen
    // Until this answers, nothing is known; and what is lost while it asks stays lost.
    const asked = { snapshot: '', atMs: performance.now() }
    seen = asked
    const isRecent = last !== undefined && last.snapshot !== '' && asked.atMs - last.atMs < KEPT_MS / 2
    const rows = await query<Row>(
      `SELECT s.now::text AS snapshot, c.datasets, c.clusters
       FROM (SELECT pg_current_snapshot() AS now) s
       LEFT JOIN (SELECT DISTINCT datasets, clusters FROM graph_change
          WHERE xid >= pg_snapshot_xmin($1::text::pg_snapshot)::text::bigint
            AND NOT pg_visible_in_snapshot(xid::text::xid8, $1::text::pg_snapshot)) c ON $1::text IS NOT NULL`,
      [isRecent ? last.snapshot : null],
    )
    const [first] = rows
    if (first && seen === asked) seen = { snapshot: first.snapshot, atMs: asked.atMs }
    if (asked.atMs - prunedMs > PRUNE_MS) {
      prunedMs = asked.atMs
      void prune().catch(() => undefined)
    }
    if (!isRecent || seen === undefined) return 'everything'
    const scopes = new Map<string, { dataset: string; cluster: string }>()
    for (const { datasets, clusters } of rows) {
      if (datasets?.length === 0) return 'everything'
      for (const [index, dataset] of (datasets ?? []).entries()) {
        const cluster = clusters?.[index] ?? ''
        scopes.set(`${dataset}\n${cluster}`, { dataset, cluster })
      }
    }
    return [...scopes.values()]
  }
}

/** Any replica forgets what nobody asks for any more; what another one is forgetting is left to it. */
const prune = (): Promise<unknown> =>
  query(
    `DELETE FROM graph_change WHERE (xid, revision) IN (
       SELECT xid, revision FROM graph_change WHERE at < now() - $1::float8 * interval '1 millisecond' FOR UPDATE SKIP LOCKED)`,
    [KEPT_MS],
  )
