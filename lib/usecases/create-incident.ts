import 'server-only'
import { AppError } from '@/lib/errors'
import { cutGraph } from '@/lib/graph/cut-graph'
import { POSTERN_ACTOR } from '@/lib/model/audit'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import type { Finding } from '@/lib/model/finding'
import type { FrozenFinding, IncidentSnapshot } from '@/lib/model/share'
import type { TimeRange } from '@/lib/model/time-range'
import { loadFinding } from '@/lib/store/load-findings'
import { saveIncident } from '@/lib/store/save-incident'
import { createShareLink } from './create-share-link'
import { loadEdgeDetail } from './load-edge'
import { queryNeighbourhood } from './query-graph'

/** What is frozen around a finding: what led to it, and what it did last. */
const MARGIN_MS = 5 * 60_000
const LONGEST_WINDOW_MS = 24 * 3600_000

export interface IncidentRequest {
  /** What it is about: a finding, or an edge in a window. */
  readonly findingId?: string
  readonly edge?: { readonly dataset: string; readonly edgeId: string; readonly window: TimeRange }
  readonly title?: string
  /** Who asked for it, as the audit log names them. */
  readonly actor?: string
  /** Life of the link in hours; undefined = until it is revoked. */
  readonly expiresInHours?: number
}

/**
 * Freezes the evidence of a finding or an edge, and makes a link to it. The token is in this answer and nowhere else.
 * Errors: `not_found`, `bad_request`, `too_large`, `unavailable`.
 */
export async function createIncident(
  request: IncidentRequest,
  context: { readonly nowMs: number; readonly baseUrl: string; readonly appVersion: string },
): Promise<{ incidentId: string; linkId: string; token: string }> {
  const { finding, dataset, edgeId, window } = await subjectOf(request, context.nowMs)
  const detail = await loadEdgeDetail({ dataset, edgeId, window }, context.baseUrl)
  const around = await queryNeighbourhood(dataset, window, [detail.edge.client, detail.edge.server])
  const snapshot: IncidentSnapshot = {
    schema: 1,
    title: request.title?.trim() || finding?.title || titleOf(detail),
    frozenAtMs: context.nowMs,
    appVersion: context.appVersion,
    graph: cutGraph(around, edgeId),
    edges: [detail],
    ...(finding && { finding: frozenFinding(finding) }),
  }
  const actor = request.actor ?? POSTERN_ACTOR
  const about = {
    edgeId,
    ...(finding && { findingId: finding.id }),
    ...(finding?.caseId !== undefined && { caseId: finding.caseId }),
  }
  const incidentId = await saveIncident(snapshot, about, actor)
  const link = await createShareLink(incidentId, context.nowMs, request.expiresInHours, actor)
  return { incidentId, ...link }
}

async function subjectOf(
  request: IncidentRequest,
  nowMs: number,
): Promise<{ finding?: Finding; dataset: string; edgeId: string; window: TimeRange }> {
  if (!request.findingId) {
    if (!request.edge) throw new AppError('bad_request', 'findingId or edgeId is needed')
    return request.edge
  }
  const finding = await loadFinding(request.findingId)
  if (!finding) throw new AppError('not_found', 'no such finding')
  const toMs = Math.min(finding.lastSeenMs + MARGIN_MS, Math.max(nowMs, finding.lastSeenMs + 1))
  const fromMs = Math.max(finding.firstSeenMs - MARGIN_MS, toMs - LONGEST_WINDOW_MS)
  const [edgeId] = finding.edgeIds
  if (edgeId === undefined)
    throw new AppError('bad_request', 'the finding is not of an edge', { hint: 'There is no graph to freeze.' })
  return { finding, dataset: finding.dataset, edgeId, window: { fromMs, toMs } }
}

function frozenFinding(finding: Finding): FrozenFinding {
  const { acknowledged, assignee, accepted, caseId, cause, openedMs, ...evidence } = finding
  return evidence
}

const titleOf = ({ clientNode, serverNode }: EdgeDetail): string => `${clientNode.label} → ${serverNode.label}`
