import 'server-only'
import { query } from './client'

/** Egress connections that wait to be judged, of whatever time: index (first at, where dirty) of each partition. */
export async function countWaiting(): Promise<number> {
  const rows = await query<{ count: number }>('SELECT count(*)::float8 AS count FROM egress_connection WHERE dirty')
  return rows[0]?.count ?? 0
}
