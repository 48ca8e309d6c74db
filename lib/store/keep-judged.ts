import 'server-only'

/**
 * What a partition of egress_connection leaves behind when retention drops it: how many connections of each edge were judged
 * alike. A finding counts on from there: what it has seen, not what is still kept.
 */
export const KEEP_JUDGED = (partition: string): string =>
  `INSERT INTO judged_past AS p (dataset, edge_id, group_id, weight, first_at, last_at)
   SELECT dataset COLLATE "default", edge_id, group_id, sum(weight), min(first_at), max(last_at) FROM ${partition}
   WHERE group_id IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
   ON CONFLICT (dataset, edge_id, group_id) DO UPDATE SET weight = p.weight + EXCLUDED.weight,
     first_at = least(p.first_at, EXCLUDED.first_at), last_at = greatest(p.last_at, EXCLUDED.last_at)`
