import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'

/** What client spans of one edge say about where they called. */
export interface SpanHosts {
  readonly edgeId: string
  /** Hosts, else names, that they say they called; lower case, sorted, at most 64. */
  readonly hosts: readonly string[]
  /** Paths without query, opaque parts masked; sorted, at most 8. */
  readonly paths: readonly string[]
  /** Of the spans that were looked at, those that say http, and https. */
  readonly httpSpans: number
  readonly httpsSpans: number
}

/** Newest spans of an edge that are looked at. */
const SPANS_OF_EDGE = 64
const MOST_HOSTS = 64
const MOST_PATHS = 8

/** The scheme that was said outright, else that of the URL. */
const SCHEME = `lower(coalesce(n.a->>'url.scheme', n.a->>'http.scheme', substring(coalesce(n.a->>'url.full', n.a->>'http.url') from '^(https?)://')))`
const PATH = `coalesce(n.a->>'url.path', n.a->>'http.target', n.a->>'http.route', substring(coalesce(n.a->>'url.full', n.a->>'http.url') from '^https?://[^/]*(/.*)$'))`

/**
 * Hosts, paths and schemes of the newest client spans of each edge in a window; edges without any are missing. Index: edge id,
 * start; at most 64 rows per edge.
 */
export async function loadSpanHosts(
  dataset: string,
  window: TimeRange,
  edgeIds: readonly string[],
): Promise<ReadonlyMap<string, SpanHosts>> {
  if (edgeIds.length === 0) return new Map()
  const rows = await query<SpanHosts & { readonly hosts: string[] | null; readonly paths: string[] | null }>(
    `SELECT u.id::text AS "edgeId", t.hosts[1:${MOST_HOSTS}] AS hosts, t.paths[1:${MOST_PATHS}] AS paths, t.http AS "httpSpans", t.https AS "httpsSpans"
     FROM unnest($4::bigint[]) AS u(id) CROSS JOIN LATERAL (
       SELECT count(*) AS spans, array_agg(DISTINCT n.host) FILTER (WHERE n.host IS NOT NULL) AS hosts,
         array_agg(DISTINCT left(${PATH}, 256)) FILTER (WHERE ${PATH} IS NOT NULL) AS paths,
         (count(*) FILTER (WHERE ${SCHEME} = 'http'))::float8 AS http, (count(*) FILTER (WHERE ${SCHEME} = 'https'))::float8 AS https
       FROM (SELECT coalesce(s.span#>>'{peer,host}', s.span#>>'{peer,name}') AS host, s.span->'attributes' AS a FROM span s
         WHERE s.edge_id = u.id AND s.dataset = $1 AND s.start_at >= to_timestamp($2::float8 / 1000) AND s.start_at < to_timestamp($3::float8 / 1000)
           AND s.span->>'kind' = 'client' ORDER BY s.start_at DESC LIMIT ${SPANS_OF_EDGE}) n) t
     WHERE t.spans > 0`,
    [dataset, window.fromMs, window.toMs, edgeIds],
  )
  return new Map(rows.map((row) => [row.edgeId, { ...row, hosts: row.hosts ?? [], paths: row.paths ?? [] }]))
}
