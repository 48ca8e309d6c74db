import 'server-only'
import type { DetectorState } from '@/lib/model/finding'
import type { UnixMillis } from '@/lib/model/units'
import { type Queryable, query } from './client'
import { storeJson } from './store-json'

/** Puts the states of a pass in place of those of the pass before: of clusters that are no more, none is left. */
export async function saveDetectorStates(client: Queryable, states: readonly DetectorState[]): Promise<void> {
  await client.query(
    `WITH now AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS s(dataset text, cluster text, detector text, name text, state text, missing text[],
         "untilMs" float8, "checkedMs" float8)),
     gone AS (DELETE FROM detector_state d WHERE NOT EXISTS (
       SELECT FROM now n WHERE n.dataset = d.dataset AND n.cluster = d.cluster AND n.detector = d.detector))
     INSERT INTO detector_state (dataset, cluster, detector, name, state, missing, until, checked_at)
     SELECT dataset, cluster, detector, name, state, missing, to_timestamp("untilMs" / 1000), to_timestamp("checkedMs" / 1000) FROM now
     ON CONFLICT (dataset, cluster, detector) DO UPDATE SET name = EXCLUDED.name, state = EXCLUDED.state, missing = EXCLUDED.missing,
       until = EXCLUDED.until, checked_at = EXCLUDED.checked_at`,
    [storeJson(states)],
  )
}

/** When all detectors ran last, on any replica; undefined = never. */
export async function lastDetectorPass(client: Queryable): Promise<UnixMillis | undefined> {
  const { rows } = await client.query<{ at: number | null }>(
    'SELECT (extract(epoch FROM max(checked_at)) * 1000)::float8 AS at FROM detector_state',
  )
  return rows[0]?.at ?? undefined
}

const MOST_STATES = 2000

/** States of a dataset, by cluster, at most 2000 (100 clusters), and how many clusters there are. */
export async function loadDetectorStates(
  dataset: string,
): Promise<{ readonly states: readonly DetectorState[]; readonly clusters: number }> {
  const rows = await query<Omit<DetectorState, 'untilMs'> & { untilMs: number | null; clusters: number }>(
    `SELECT dataset, cluster, detector, name, state, missing, (extract(epoch FROM until) * 1000)::float8 AS "untilMs",
       (extract(epoch FROM checked_at) * 1000)::float8 AS "checkedMs",
       (SELECT count(DISTINCT cluster)::int FROM detector_state WHERE dataset = $1) AS clusters
     FROM detector_state WHERE dataset = $1 ORDER BY cluster, detector LIMIT ${MOST_STATES}`,
    [dataset],
  )
  return {
    states: rows.map(({ untilMs, clusters: _, ...state }) => ({ ...state, ...(untilMs !== null && { untilMs }) })),
    clusters: rows[0]?.clusters ?? 0,
  }
}
