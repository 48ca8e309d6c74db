import type { EdgeDetail } from './edge-detail'
import type { Finding } from './finding'
import type { ServiceGraph } from './graph'
import type { UnixMillis } from './units'

/** Frozen evidence: what was true at one moment, kept outside retention. Never a live query. */
export interface IncidentSnapshot {
  readonly schema: 1
  readonly title: string
  readonly frozenAtMs: UnixMillis
  readonly appVersion: string
  /** The cut graph: the edge, its ends and their other edges. */
  readonly graph: ServiceGraph
  readonly edges: readonly EdgeDetail[]
  readonly finding?: FrozenFinding
}

/** What evidence says of a finding. What people said and did about it is no evidence, and not for whoever has a link. */
export type FrozenFinding = Pick<
  Finding,
  | 'id'
  | 'detector'
  | 'status'
  | 'severity'
  | 'dataset'
  | 'cluster'
  | 'title'
  | 'workload'
  | 'target'
  | 'count'
  | 'firstSeenMs'
  | 'lastSeenMs'
  | 'resolvedMs'
> &
  /** Not in evidence that an older version froze. */
  Partial<Pick<Finding, 'certainty' | 'facts' | 'disproof' | 'edgeIds'>>

export interface ShareLink {
  readonly id: string
  readonly incidentId: string
  readonly title: string
  readonly createdMs: UnixMillis
  readonly expiresMs?: UnixMillis
  readonly revokedMs?: UnixMillis
  readonly views: number
  readonly lastViewMs?: UnixMillis
}

/** A frozen incident in a list, without its evidence. */
export interface IncidentSummary {
  readonly id: string
  readonly title: string
  readonly createdMs: UnixMillis
  readonly findingId?: string
  readonly edgeId?: string
  /** Hex sha256 of the snapshot's canonical JSON. */
  readonly sha256: string
  readonly links: readonly ShareLink[]
}
