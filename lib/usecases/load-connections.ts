import 'server-only'
import type { ConnectionCursor, ConnectionRow } from '@/lib/model/edge-detail'
import type { DoorState } from '@/lib/model/egress'
import { LIMITS } from '@/lib/model/limits'
import type { TimeRange } from '@/lib/model/time-range'
import { loadDoorEvidence } from '@/lib/store/load-door-evidence'

interface Request {
  readonly dataset: string
  readonly window: TimeRange
  /** undefined = any. */
  readonly state: DoorState | undefined
  /** Where the page before ended; its window is then the one asked. */
  readonly cursor?: ConnectionCursor | undefined
}

interface Connections {
  readonly connections: readonly ConnectionRow[]
  readonly total: number
  readonly next?: ConnectionCursor
}

/**
 * A page of an edge's judged connections, at most `LIMITS.connectionPageRows`: all pages together are what the counts of its door are made of.
 * Errors: `unavailable`.
 */
export async function loadConnections(edgeId: string, request: Request): Promise<Connections> {
  const { dataset, state, cursor } = request
  const window = cursor?.window ?? request.window
  const { next, ...page } = await loadDoorEvidence(dataset, edgeId, window, {
    limit: LIMITS.connectionPageRows,
    ...(state && { state }),
    ...(cursor && { after: cursor.after }),
  })
  return { ...page, ...(next && { next: { after: next, window } }) }
}
