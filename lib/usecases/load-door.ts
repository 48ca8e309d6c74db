import 'server-only'
import type { ConnectionRow } from '@/lib/model/edge-detail'
import type { GraphQuery } from '@/lib/model/graph'
import { loadDoorEvidence } from '@/lib/store/load-door-evidence'

/** The connections behind an edge's door in a view's window, with their evidence rows. */
export async function loadDoor(
  edgeId: string,
  query: GraphQuery,
  nowMs: number,
): Promise<{ connections: readonly ConnectionRow[]; total: number }> {
  const toMs = query.toMs ?? nowMs
  return loadDoorEvidence(edgeId, { fromMs: query.fromMs ?? toMs - query.windowMs, toMs })
}
