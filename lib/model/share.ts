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
  readonly finding?: Finding
}

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
