import 'server-only'
import { pool } from './client'
import { FLOW_ROW, type FlowRowColumns, readFlows, type StoredFlow } from './read-flows'

/** For tests: every stored evidence row, oldest first. */
export async function allFlows(): Promise<StoredFlow[]> {
  const { rows } = await pool().query<FlowRowColumns>(
    `SELECT ${FLOW_ROW} FROM flow_record r ORDER BY r.start_at, r.record_key`,
  )
  return readFlows(pool(), rows)
}
