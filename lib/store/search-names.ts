import 'server-only'
import type { EndpointClass } from '@/lib/model/endpoint'
import type { FindingStatus } from '@/lib/model/finding'
import { query } from './client'

/** Where none of the words is missing. `$2` is the list of words, in lower case. */
const hasAll = (text: string) =>
  `NOT EXISTS (SELECT FROM unnest($2::text[]) AS w(word) WHERE position(w.word IN lower(${text})) = 0)`

/**
 * Endpoints of a dataset whose namespace and name hold all words (lower case): names that begin with the first word before others, at most
 * `limit`. Looks at the first `most` endpoints by the unique index, which bounds its cost; answers whether there are more.
 */
export async function searchEndpoints(
  dataset: string,
  words: readonly string[],
  most: number,
  limit: number,
): Promise<{
  found: { id: string; class: EndpointClass; cluster: string; namespace: string; name: string }[]
  isPartial: boolean
}> {
  const rows = await query<{
    id: string | null
    class: EndpointClass
    cluster: string
    namespace: string
    name: string
    looked: number
  }>(
    `WITH looked AS MATERIALIZED (
       SELECT id, class, cluster, namespace, name FROM endpoint WHERE dataset = $1 ORDER BY dataset, cluster, class, namespace, name LIMIT $3 + 1),
     found AS (
       SELECT id::text, class, cluster, namespace, name FROM looked WHERE name <> '' AND ${hasAll("namespace || ' ' || name")}
       ORDER BY position($2[1] IN lower(name)) <> 1, length(name), name, namespace, cluster, id LIMIT $4)
     SELECT f.*, c.looked FROM (SELECT count(*)::float8 AS looked FROM looked) c LEFT JOIN found f ON true`,
    [dataset, words, most, limit],
  )
  return {
    found: rows.flatMap(({ looked: _looked, id, ...row }) => (id === null ? [] : [{ ...row, id }])),
    isPartial: (rows[0]?.looked ?? 0) > most,
  }
}

/** Current findings whose title holds all words (lower case): open ones first, then the newest, at most `limit`. */
export const searchFindings = (
  dataset: string,
  words: readonly string[],
  limit: number,
): Promise<{ id: string; title: string; status: FindingStatus }[]> =>
  query(
    `SELECT id::text, title, status FROM finding WHERE dataset = $1 AND is_current IS NOT FALSE AND ${hasAll('title')}
     ORDER BY (status = 'open') DESC, last_seen DESC, id LIMIT $3`,
    [dataset, words, limit],
  )
