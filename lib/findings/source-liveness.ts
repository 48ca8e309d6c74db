import { HUBBLE_HOP } from '@/lib/egress/observe-hubble'
import { pathsOfCluster } from '@/lib/egress/paths'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { EgressPath } from '@/lib/model/egress'
import type { UnixMillis } from '@/lib/model/units'

export interface Liveness {
  readonly isAlive: boolean
  /** Alive without a break since then, where known: quiet counts from here at the earliest. */
  readonly aliveSinceMs?: UnixMillis
}

/** Whether quiet in a cluster means anything. */
export interface SourceLiveness {
  readonly flows: Liveness
  readonly evidence: Liveness
}

/**
 * Liveness of a cluster's sources by their coverage. Flows: there is a flow source, and none is silent. Evidence: there is a
 * path, and the last hop of each sends (for the hop `hubble`: Hubble does). Whatever is not known to be alive is not.
 */
export function livenessOf(
  coverage: readonly SourceCoverage[],
  cluster: string,
  paths: readonly EgressPath[],
): SourceLiveness {
  const own = coverage.filter((source) => source.cluster === cluster)
  const flows = own.filter(({ source }) => source === 'hubble' || source === 'calico')
  const sends = (hop: string) =>
    own.some((source) =>
      hop === HUBBLE_HOP
        ? source.source === 'hubble' && !source.isSilent
        : source.source === 'nat' && source.hop === hop && !source.isSilent,
    )
  const clusterPaths = pathsOfCluster(paths, cluster)
  return {
    flows: { isAlive: flows.length > 0 && flows.every(({ isSilent }) => !isSilent) },
    evidence: { isAlive: clusterPaths.length > 0 && clusterPaths.every(({ finalHop }) => sends(finalHop)) },
  }
}
