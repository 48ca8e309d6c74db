import 'server-only'

/** Minutes of receipt, newest first, in which a source's newest record is looked for: half a day of steady sending. */
const MOST_MINUTES = 720

/**
 * Recursive table `source_key(source, cluster, hop)` for a WITH RECURSIVE: every source ever heard of in dataset $1. One look-up
 * each in the primary key of source_minute, however long it has sent.
 */
export const SOURCE_KEYS = `source_key(source, cluster, hop) AS (
  (SELECT source, cluster, hop FROM source_minute WHERE dataset = $1 ORDER BY source, cluster, hop LIMIT 1)
  UNION ALL
  SELECT n.source, n.cluster, n.hop FROM source_key k CROSS JOIN LATERAL (
    SELECT source, cluster, hop FROM source_minute WHERE dataset = $1 AND (source, cluster, hop) > (k.source, k.cluster, k.hop)
    ORDER BY source, cluster, hop LIMIT 1) n)`

/** LATERAL part: the newest minutes of receipt of `source_key k`. */
export const NEWEST_MINUTES = `(SELECT * FROM source_minute WHERE dataset = $1 AND source = k.source AND cluster = k.cluster AND hop = k.hop
  ORDER BY minute DESC LIMIT ${MOST_MINUTES})`
