import 'server-only'
import type { Collector, CollectorKind, CollectorStatus } from '@/lib/model/collector'
import type { SourceName } from '@/lib/model/source-name'
import type { UnixMillis } from '@/lib/model/units'
import { query } from './client'
import { storeJson } from './store-json'

/**
 * Enters a collector, or updates what it says of itself; its cursor stays. `since` changes only with the state. Who is not on
 * duty says nothing where the one who is spoke within a minute.
 */
export async function saveCollector(collector: {
  readonly name: string
  readonly kind: CollectorKind
  readonly source: SourceName
  readonly cluster: string
  readonly status: CollectorStatus
  /** False: another replica may be doing this. */
  readonly isOnDuty?: boolean
}): Promise<void> {
  await query(
    `INSERT INTO collector AS c (name, kind, source, cluster, status, since, updated_at)
     VALUES ($1, $2, $3, $4, $5::jsonb, clock_timestamp(), clock_timestamp())
     ON CONFLICT (name) DO UPDATE SET kind = EXCLUDED.kind, source = EXCLUDED.source, cluster = EXCLUDED.cluster, status = EXCLUDED.status,
       since = CASE WHEN c.status->>'state' = EXCLUDED.status->>'state' THEN c.since ELSE EXCLUDED.since END, updated_at = EXCLUDED.updated_at
     WHERE $6 OR c.status->>'state' IN ('standby', 'stopped') OR c.updated_at < clock_timestamp() - interval '60 s'`,
    [
      collector.name,
      collector.kind,
      collector.source,
      collector.cluster,
      storeJson(collector.status),
      collector.isOnDuty ?? true,
    ],
  )
}

/** Forgets collectors that the settings no longer name, with their cursors; `names` are those that they do. */
export async function keepOnlyCollectors(names: readonly string[]): Promise<void> {
  await query('DELETE FROM seen_record WHERE NOT collector = ANY($1::text[])', [names])
  await query('DELETE FROM collector WHERE NOT name = ANY($1::text[])', [names])
}

/** Every collector, by name. */
export async function loadCollectors(): Promise<Collector[]> {
  const rows = await query<{
    name: string
    kind: CollectorKind
    source: SourceName
    cluster: string
    status: CollectorStatus
    since: number
    updated: number
  }>(
    `SELECT name, kind, source, cluster, status, (extract(epoch FROM since) * 1000)::float8 AS since,
       (extract(epoch FROM updated_at) * 1000)::float8 AS updated FROM collector ORDER BY name`,
  )
  return rows.map(({ status, since, updated, ...row }) => ({ ...row, ...status, sinceMs: since, updatedMs: updated }))
}

export interface PullPosition {
  /** As it was committed last; null before the first commit. */
  readonly cursor: unknown
  /** Hashes of records at or after `sinceMs`, with their times. */
  readonly seen: readonly { readonly hash: string; readonly atMs: UnixMillis }[]
}

/** How far a collector has read. */
export async function loadPullPosition(collector: string): Promise<PullPosition> {
  const [rows, seen] = await Promise.all([
    query<{ cursor: unknown }>('SELECT cursor FROM collector WHERE name = $1', [collector]),
    query<{ hash: string; at: number }>(
      'SELECT hash::text, (extract(epoch FROM at) * 1000)::float8 AS at FROM seen_record WHERE collector = $1',
      [collector],
    ),
  ])
  return { cursor: rows[0]?.cursor ?? null, seen: seen.map(({ hash, at }) => ({ hash, atMs: at })) }
}
